import { Injectable } from '@nestjs/common';

interface OrdersRepository {
  count(): Promise<number>;
}

@Injectable()
export class OrdersService {
  readonly #orders: OrdersRepository;

  constructor(orders: OrdersRepository) {
    this.#orders = orders;
  }

  count(): Promise<number> {
    return this.#orders.count();
  }
}
