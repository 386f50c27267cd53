import { Injectable, type PipeTransform } from '@nestjs/common';
import type { RecipeBody } from './dto/strategy.requests.ts';
import { readStrategySpec } from './strategy-spec.ts';

/** Reads the recipe while the request is validated, so that a bad one is refused before anything is recorded. */
@Injectable()
export class ReadRecipePipe implements PipeTransform<RecipeBody, RecipeBody> {
  transform(body: RecipeBody): RecipeBody {
    body.spec = readStrategySpec(body);
    return body;
  }
}
