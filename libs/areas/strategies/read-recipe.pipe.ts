import { Injectable, type PipeTransform } from '@nestjs/common';
import { YamlDocuments } from '#platform/yaml';
import type { RecipeBody } from './dto/strategy.requests.ts';
import { readStrategySpec } from './strategy-spec.ts';

/** Reads the recipe while the request is validated, so that a bad one is refused before anything is recorded. */
@Injectable()
export class ReadRecipePipe implements PipeTransform<RecipeBody, Promise<RecipeBody>> {
  constructor(private readonly yaml: YamlDocuments) {}

  async transform(body: RecipeBody): Promise<RecipeBody> {
    body.spec = await readStrategySpec(body, this.yaml);
    return body;
  }
}
