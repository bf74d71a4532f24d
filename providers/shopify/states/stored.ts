/** What every state has. Other fields are those that `shopify({ fields })` asks for. */
export interface Stored<Name extends string> {
  __typename: Name;
  /** Shopify's own id: `gid://shopify/Product/1`. */
  id: string;
  [field: string]: unknown;
}
