export { value } from './orders.repository.ts';
