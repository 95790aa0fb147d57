// What is asked for, and what of that is held (DCQL, OpenID4VP 1.0 sections 6 and 7).

import { Float, isObject } from "./json_strict.js";

const FORMAT = "dc+sd-jwt";

// For each credential of the query what could answer it: `{id, multiple, options}`; an option is a
// held credential (`{vct, claims, hidden}`) with the sets of claim names that would do, the
// verifier's favourite first.
export function matches(query, held) {
  return listed(query?.credentials).map((asked) => ({
    id: String(asked.id),
    multiple: asked.multiple === true,
    options: held.flatMap((one) => {
      const sets = fits(asked, one) ? setsOf(asked, one.claims) : [];
      return sets.length ? [{ held: one, sets }] : [];
    }),
  }));
}

function fits(asked, { vct, aka = [] }) {
  if (asked.format !== FORMAT) return false;
  const values = asked.meta?.vct_values;
  return values === undefined || (Array.isArray(values) && [vct, ...aka].some((one) => values.includes(one)));
}

// Names of the claims at the top that each acceptable set needs.
function setsOf(asked, claims) {
  const wanted = listed(asked.claims);
  const sets = asked.claim_sets ?? [wanted.map((one, place) => one.id ?? place)];
  const byId = new Map(wanted.map((one, place) => [one.id ?? place, one]));
  return listed(sets).flatMap((ids) => {
    const all = listed(ids).map((id) => byId.get(id));
    if (!all.every((one) => one && held(one, claims))) return [];
    return [[...new Set(all.map((one) => one.path[0]))]];
  });
}

function held({ path, values }, claims) {
  const found = select(claims, listed(path));
  return found.length > 0 && (values === undefined || found.some((one) => listed(values).includes(plain(one))));
}

const plain = (value) => (value instanceof Float ? value.value : value);

// What a claims path pointer selects; nothing where it does not fit.
export function select(claims, path) {
  let selected = [claims];
  for (const step of path) {
    selected = selected.flatMap((one) => {
      if (typeof step === "string") return isObject(one) && Object.hasOwn(one, step) ? [one[step]] : [];
      if (!Array.isArray(one)) return [];
      if (step === null) return one;
      return Number.isInteger(step) && step in one ? [one[step]] : [];
    });
  }
  return path.length ? selected : [];
}

// Which credentials are needed and which may be left out, of those that are held: `{needed,
// optional, missing}`. Of alternatives, the first that can be met.
export function plan(query, ids) {
  const there = new Set(ids);
  const all = listed(query.credentials).map((one) => String(one.id));
  if (query.credential_sets === undefined) {
    return { needed: all.filter((id) => there.has(id)), optional: [], missing: all.filter((id) => !there.has(id)) };
  }
  const needed = new Set();
  const optional = new Set();
  const missing = new Set();
  for (const { options, required = true } of listed(query.credential_sets)) {
    const met = listed(options).find((option) => option.every((id) => there.has(id)));
    const into = required ? needed : optional;
    for (const id of met ?? []) into.add(id);
    if (!met && required) for (const id of options[0]) if (!there.has(id)) missing.add(id);
  }
  return { needed: [...needed], optional: [...optional].filter((id) => !needed.has(id)), missing: [...missing] };
}

const listed = (value) => (Array.isArray(value) ? value : []);
