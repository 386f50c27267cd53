export enum Side { Buy, Sell }
