import { bracket } from './bracket.ts';
import { limitOffset } from './limit-offset.ts';
import { marketExecution } from './market-execution.ts';
import { scheduledOrders } from './scheduled-orders.ts';

export const executionModels = [marketExecution, limitOffset, bracket, scheduledOrders];
