import { openApiDocument } from '#lib/contract/openapi.ts';
import { json } from '#server/http/respond.ts';

/** The API described as OpenAPI. */
export function GET(): Response {
  return json(openApiDocument());
}
