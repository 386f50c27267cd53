import { PALETTE as c } from './palette.ts';

/** All style of the page: screen from 320 px, then wide screens, then A4 paper. */
export const STYLESHEET =
  `
:root{color-scheme:light}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:#fff;color:${c.ink};font:15px/1.5 -apple-system,"Segoe UI",Roboto,"Helvetica ` +
  `Neue",Arial,"Liberation Sans",sans-serif;font-variant-numeric:tabular-nums ` +
  `lining-nums;font-kerning:normal;overflow-wrap:break-word}
main{max-width:960px;margin:0 auto;padding:48px 40px 40px}
h1{font-size:30px;line-height:1.2;font-weight:600;letter-spacing:-.012em;margin:6px 0 8px}
h2{font-size:18px;line-height:1.3;font-weight:600;letter-spacing:-.005em;margin:0 0 4px}
h3{font-size:14px;line-height:1.35;font-weight:600;margin:0}
p{margin:0}
section{border-top:1px solid ${c.hairline};margin-top:36px;padding-top:22px}
.eyebrow{display:flex;justify-content:space-between;gap:16px;color:${c.accent};font-size:12px;font-weight:600;letter-spacing:.08em;text-transform:uppercase}
.eyebrow span+span{color:${c.muted}}
.lede{max-width:74ch;margin-top:14px}
.note,figcaption,caption{color:${c.muted};font-size:13px;line-height:1.45}
.note{max-width:84ch}
.note+*{margin-top:14px}
header{border-top:3px solid ${c.accent};padding-top:16px}
header .about{color:${c.muted};max-width:74ch}
.facts{display:grid;grid-template-columns:1fr 1.25fr .85fr 1.1fr;gap:14px 24px;margin:22px 0 0;font-size:14px}
.facts div{min-width:0}
.facts dt,.tiles dt{color:${c.muted};font-size:12px;line-height:1.4}
.facts dd,.tiles dd{margin:0}
.tiles{display:grid;grid-template-columns:repeat(4,1fr);margin:12px 0 0;column-gap:24px}
.tiles div{padding:12px 0 11px;border-top:1px solid ${c.hairline};min-width:0}
.tiles div:nth-child(-n+4){border-top:0}
.tiles dd{font-size:20px;line-height:1.3;font-weight:600;letter-spacing:-.01em}
.tiles div:nth-child(-n+4) dd{font-size:27px}
.tiles dd.sub{font-size:12px!important;font-weight:400;letter-spacing:0;color:${c.muted};line-height:1.4}
.loss{color:${c.loss}}
.warnings{border:1px solid ${c.hairline};border-left:3px solid ${c.loss};padding:12px 16px;margin-top:26px}
.warnings ul{margin:4px 0 0;padding-left:18px}
figure{margin:16px 0 0;min-width:0}
figure h3{margin-bottom:2px}
figcaption{margin-bottom:8px}
figure svg{display:block;width:100%;height:auto;font-family:inherit;overflow:visible}
.chart-narrow{display:none!important}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:8px 32px;align-items:start}
.legend{display:flex;flex-wrap:wrap;gap:2px 20px;list-style:none;margin:0;padding:0}
.legend li::before{content:"";display:inline-block;width:16px;height:0;border-top:2px solid ` +
  `${c.reference};vertical-align:middle;margin-right:7px}
.legend .is-accent::before{border-top-width:3px;border-color:${c.accent}}
.legend .is-plain::before{display:none}
.legend li[class$=dot]::before{width:9px;height:9px;border:0;border-radius:50%;background:${c.accent};vertical-align:0}
.legend li.is-loss-dot::before{background:${c.loss};border-radius:0;transform:rotate(45deg) scale(.85)}
table{border-collapse:collapse;width:100%;font-size:13px;line-height:1.4}
caption{text-align:left;padding:0 0 6px}
caption b{color:${c.ink};font-size:14px;font-weight:600;margin-right:6px}
th{font-weight:600;text-align:left;vertical-align:bottom}
thead th{color:${c.muted};font-size:12px;border-bottom:1px solid ${c.reference};padding:4px 0 5px 14px}
tbody th{font-weight:400}
td,tbody th{border-bottom:1px solid ${c.hairline};padding:5px 0 5px 14px;vertical-align:baseline}
th:first-child,td:first-child{padding-left:0}
.num{text-align:right;white-space:nowrap}
.nowrap{white-space:nowrap}
tfoot td,tfoot th{border-bottom:0;border-top:1px solid ${c.reference};font-weight:600;padding:6px 0 5px 14px}
.table{margin-top:18px}
.scroll{overflow-x:auto;position:relative}
.heat{table-layout:fixed;font-size:12.5px}
.heat th,.heat td{padding:5px 4px;text-align:right;border:1px solid #fff;white-space:nowrap}
.heat thead th{border:0;border-bottom:1px solid ${c.reference}}
.heat th:first-child{text-align:left;padding-left:0;color:${c.ink}}
.heat td:last-child{font-weight:600;border-left:6px solid #fff}
.heat,.heat td{-webkit-print-color-adjust:exact;print-color-adjust:exact}
.g1{background:#eff4f8}.g2{background:#dce7f0}.g3{background:#c0d4e4}.g4{background:#9dbdd5}.g5{background:#7aa5c5}
.l1{background:#fbf1ef}.l2{background:#f6e2dd}.l3{background:#eecbc3}.l4{background:#e4ada2}.l5{background:#d98f81}
.columns{columns:2;column-gap:32px;margin-top:4px}
.columns .table{break-inside:avoid;margin:0;padding-top:14px}
.meaning{display:block;color:${c.muted};font-size:12px;line-height:1.35}
.definition td,.definition th{vertical-align:top}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:12px}
code{overflow-wrap:anywhere}
pre{margin:14px 0 0;padding:14px 16px;background:#f6f7f9;border:1px solid ` +
  `${c.hairline};line-height:1.5;white-space:pre-wrap;overflow-wrap:anywhere}
footer{border-top:1px solid ${c.hairline};margin-top:36px;padding-top:14px;color:${c.muted};font-size:12px}
footer p{max-width:100ch}
footer p+p{margin-top:6px}
@media screen and (max-width:719px){
main{padding:24px 16px 28px}
h1{font-size:24px}
section{margin-top:28px;padding-top:18px}
.facts,.tiles{grid-template-columns:1fr 1fr}
.tiles div:nth-child(n+3){border-top:1px solid ${c.hairline}}
.tiles div:nth-child(-n+4) dd{font-size:22px}
.pair{grid-template-columns:1fr}
.columns{columns:1}
.chart-wide{display:none!important}
.chart-narrow{display:block!important}
.heat thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.heat,.heat tbody,.heat caption{display:block}
.heat tr{display:grid;grid-template-columns:repeat(6,1fr);padding:8px 0 0}
.heat tbody th{grid-column:1/4;font-weight:600;border:0;padding:2px 0}
.heat td:last-child{grid-column:4/7;grid-row:1;border:0;background:none;padding:2px 0;text-align:right}
.heat td:last-child::before{content:"Year ";font-weight:400;color:${c.muted}}
.heat td{text-align:center;padding:3px 0 4px;font-size:12px;line-height:1.3}
.heat td[data-m]::before{content:attr(data-m);display:block;font-size:10.5px;color:${c.muted}}
.heat .g3::before,.heat .l3::before,.heat .g4::before,.heat .g5::before,.heat .l4::before,.heat ` +
  `.l5::before{color:${c.ink}}
.cards thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.cards,.cards tbody,.cards caption{display:block}
.cards tr{display:grid;grid-template-columns:1fr 1fr;gap:1px 20px;border-bottom:1px solid ${c.hairline};padding:8px 0}
.cards td,.cards tbody th{display:flex;justify-content:space-between;gap:8px;border:0;padding:1px 0;text-align:right}
.cards td::before{content:attr(data-l);color:${c.muted};text-align:left}
.cards tbody th{font-weight:600}
.definition th,.definition td{display:block;padding-left:0;border:0}
.definition td{padding:0 0 2px}
.definition tbody tr{display:block;border-bottom:1px solid ${c.hairline};padding:4px 0}
.definition tbody th{padding:2px 0 0}
}
@media print{
@page{size:A4;margin:12mm 14mm 13mm}
body{font-size:9.5pt}
p{orphans:3;widows:3}
.note,.lede,footer p{max-width:none}
.facts{font-size:9pt;gap:8px 20px;margin-top:14px}
.facts dt,.tiles dt,.tiles dd.sub{font-size:8pt!important}
.tiles{margin-top:4px}
.tiles div{padding:3px 0}
figure{margin-top:6px}
figcaption{margin-bottom:2px}
.table{margin-top:8px}
.note+*{margin-top:6px}
main{max-width:none;padding:0}
section{margin-top:9px;padding-top:7px;break-inside:auto}
section,.facts,.tiles{border-color:#cfd4da}
header{padding-top:9px}
h1{font-size:19pt;margin:3px 0 4px}
.lede{margin-top:6px}
h2{font-size:12.5pt}
h2,h3,caption,.note{break-after:avoid}
figure,.tiles,.facts,.warnings,.pair,tr,.columns .table,.keep{break-inside:avoid}
thead{display:table-header-group}
tfoot{display:table-row-group}
table{font-size:8.5pt}
td,tbody th{padding-top:2px;padding-bottom:2px}
.heat{font-size:8pt}
.heat th,.heat td{padding:2px}
.tiles dd{font-size:13pt}
.tiles div:nth-child(-n+4) dd{font-size:15pt}
code,pre{font-size:7.2pt}
pre{background:none;columns:3;column-gap:18px;padding:9px 12px;margin-top:8px}
footer{break-inside:avoid;margin-top:14px;padding-top:8px;font-size:8pt}
.columns{margin-top:0}
.columns .table{padding-top:6px}
.columns table{font-size:8pt}
.columns td,.columns tbody th{padding-top:1.5px;padding-bottom:1.5px}
.meaning{font-size:7pt;line-height:1.25}
.definition td,.definition th{padding-top:3px;padding-bottom:3px}
.legend li::before,.warnings{-webkit-print-color-adjust:exact;print-color-adjust:exact}
.scroll{overflow:visible}
.page{break-before:page}
}
`;
