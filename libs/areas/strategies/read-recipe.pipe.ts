import { Injectable, type PipeTransform } from '@nestjs/common';
import type { RecipeBody } from './dto/strategy.requests.ts';
import { RecipeReader } from './recipe-reader.ts';

/** Reads the recipe while the request is validated, so that a bad one is refused before anything is recorded. */
@Injectable()
export class ReadRecipePipe implements PipeTransform<RecipeBody, Promise<RecipeBody>> {
  constructor(private readonly recipes: RecipeReader) {}

  async transform(body: RecipeBody): Promise<RecipeBody> {
    const { config_yaml, config } = body;
    body.spec = await this.recipes.spec({
      ...(config_yaml === undefined ? {} : { config_yaml }),
      ...(config === undefined ? {} : { config }),
    });
    return body;
  }
}
