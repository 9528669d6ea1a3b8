import type { AddressFamily } from '../../messages/address-family.ts';
import type { AdvertisementContext, RouteAttributes } from '../route.ts';
import { checkAttributes } from './check-attributes.ts';
import { type Nlri, parsePrefix } from './nlri.ts';
import { createSessionForms, type UpdateForm } from './session-forms.ts';

/** The messages, or why the session cannot carry them. */
export type PackedAnnouncements =
  | { readonly ok: true; readonly messages: readonly Uint8Array[] }
  | { readonly ok: false; readonly because: string };

function packed(nlris: readonly Nlri[], form: UpdateForm): readonly Uint8Array[] {
  const messages: Uint8Array[] = [];
  let batch: Nlri[] = [];
  let room = form.nlriOctets;
  for (const nlri of nlris) {
    if (nlri.length > room) {
      messages.push(form.encode(batch));
      batch = [];
      room = form.nlriOctets;
    }
    batch.push(nlri);
    room -= nlri.length;
  }
  if (batch.length > 0) messages.push(form.encode(batch));
  return messages;
}

/** @throws TypeError for a prefix that is none, or of another family. */
export function nlrisOf(prefixes: Iterable<string>, family: AddressFamily): readonly Nlri[] {
  return Array.from(prefixes, (text) => {
    const prefix = parsePrefix(text);
    if (prefix.family !== family) throw new TypeError(`not a prefix of ${family}: ${JSON.stringify(text)}`);
    return prefix.nlri;
  });
}

/**
 * The UPDATEs that announce prefixes with the same attributes, as few as can be.
 *
 * @throws TypeError for a prefix that is none, or of another family; TypeError or RangeError for attributes that no
 *   message can carry.
 */
export function packAnnouncements(
  attributes: RouteAttributes,
  family: AddressFamily,
  prefixes: Iterable<string>,
  context: AdvertisementContext,
): PackedAnnouncements {
  const nlris = nlrisOf(prefixes, family);
  checkAttributes(attributes);
  const forms = createSessionForms(family, context);
  const because = forms.unsendableBecause(attributes);
  if (because !== undefined) return { ok: false, because };
  return { ok: true, messages: packed(nlris, forms.announcement(attributes)) };
}

/**
 * The UPDATEs that withdraw prefixes, as few as can be.
 *
 * @throws TypeError for a prefix that is none, or of another family.
 */
export function packWithdrawals(
  family: AddressFamily,
  prefixes: Iterable<string>,
  context: AdvertisementContext,
): readonly Uint8Array[] {
  return packed(nlrisOf(prefixes, family), createSessionForms(family, context).withdrawal);
}
