export { PlayedNetwork } from './played-network.ts';
