const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escapeXml(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => ENTITIES[character] as string);
}

/** An element with text, or with what other elements were made of. */
export function element(name: string, content: string | number | { readonly xml: string }): { readonly xml: string } {
  const inner = typeof content === 'object' ? content.xml : escapeXml(String(content));
  return { xml: inner === '' ? `<${name}/>` : `<${name}>${inner}</${name}>` };
}

export function elements(...parts: readonly ({ readonly xml: string } | undefined)[]): { readonly xml: string } {
  return { xml: parts.map((part) => part?.xml ?? '').join('') };
}

/** A document in Atmos' namespace. */
export function document(name: string, content: { readonly xml: string }): string {
  return `<?xml version='1.0' encoding='UTF-8'?>\n<${name} xmlns='http://www.emc.com/cos/'>${content.xml}</${name}>`;
}

/** A document without a namespace, as errors and policies are. */
export function plainDocument(name: string, content: { readonly xml: string }): string {
  return `<?xml version='1.0' encoding='UTF-8'?>\n${element(name, content).xml}`;
}
