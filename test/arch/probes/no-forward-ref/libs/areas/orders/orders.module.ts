import { forwardRef } from '@nestjs/common';

export const circle = forwardRef(() => Object);
