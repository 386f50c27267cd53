import { APP_GUARD } from '@nestjs/core';

export const provider = { provide: APP_GUARD, useValue: null };
