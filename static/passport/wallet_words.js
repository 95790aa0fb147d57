// Claims, codes and moments in plain words.

import { el } from "./dom.js";
import { Float, isObject } from "./json_strict.js";

const ZONE = "Europe/London";
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: ZONE });
const SHORT_DAY = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: ZONE });
const TIME = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: ZONE });
const CALENDAR = new Intl.DateTimeFormat("en-CA", { timeZone: ZONE });

export const day = (moment) => DAY.format(moment);
export const time = (moment) => TIME.format(moment);
export const shortDay = (moment) => SHORT_DAY.format(moment);

// "today at 08:31", "Sun 22 Nov at 08:31".
export function when(moment, now = Date.now()) {
  const same = CALENDAR.format(moment) === CALENDAR.format(now);
  return `${same ? "today" : shortDay(moment)} at ${time(moment)}`;
}

// "in 6 days", "in 3 hours": until a moment ahead.
export function ahead(moment, now = Date.now()) {
  const hours = Math.floor((moment - now) / 3_600_000);
  if (hours < 1) return "in less than an hour";
  const [count, unit] = hours < 48 ? [hours, "hour"] : [Math.floor(hours / 24), "day"];
  return `in ${count} ${unit}${count === 1 ? "" : "s"}`;
}

const CAPITALS = new Set([
  "NHS", "GMC", "NMC", "HCPC", "GDC", "GPHC", "GOC", "GOSC", "GCC", "SWE", "SCW", "PSNI", "SSSC",
  "NISCC", "DBS", "IDSP", "CSTF", "GPG45", "ECS", "GP", "API", "ODS", "ESR", "OMMT", "HR", "CSTR",
]);

// A code as words: "REGISTERED_WITH_LICENCE" → "Registered with licence".
export function codeWords(code) {
  const words = code.split("_").map((word) => (CAPITALS.has(word) ? word : word.toLowerCase()));
  const text = words.join(" ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const CODE = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$/;
const ISO_DAY = /^\d{4}-\d{2}-\d{2}$/;
const ISO_MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;
const IMAGE = /^data:image\/(?:jpeg|png|webp|avif);base64,[A-Za-z0-9+/=]+$/;
const WORD = /^[A-Z]{4,}$/;
const NOT_WORDS = new Set([
  "number", "provider", "verifier", "awarding_organisation", "evidence_checked_by", "employer_ods",
  "subject_code", "body",
]);

// One value, for a page.
export function value(name, found, label = "") {
  if (found === null || found === undefined) return "Not said";
  if (typeof found === "boolean") return found ? "Yes" : "No";
  if (found instanceof Float) return String(found.value);
  if (Array.isArray(found)) return found.length ? list(name, found) : "None";
  if (isObject(found)) return group(found);
  if (typeof found !== "string") return String(found);
  if (ISO_DAY.test(found)) return day(new Date(`${found}T12:00:00Z`));
  if (ISO_MOMENT.test(found) && !Number.isNaN(Date.parse(found))) return `${day(Date.parse(found))} at ${time(Date.parse(found))}`;
  if (IMAGE.test(found)) return el("img", { class: "wallet-photo", src: found, alt: label || "Photo" });
  const code = CODE.test(found) && (found.includes("_") || WORD.test(found));
  if (code && !NOT_WORDS.has(name)) return codeWords(found);
  return found;
}

function list(name, found) {
  if (found.every((one) => typeof one !== "object")) return found.map((one) => value(name, one)).join(", ");
  return el("ul", { class: "wallet-list" }, found.map((one) => el("li", {}, value(name, one))));
}

const group = (found) =>
  el("span", {}, Object.entries(found).flatMap(([name, inner], place) =>
    [place ? el("br") : null, `${codeWords(name.toUpperCase())}: `, value(name, inner)]));

// The label of a claim: from its type's metadata, else from the issuer's, else its own name.
export function labels(type, configuration) {
  const found = new Map();
  const described = [...(configuration?.credential_metadata?.claims ?? []), ...(type?.claims ?? [])];
  for (const { path, display } of described) {
    const shown = (display ?? []).find((one) => /^en\b/i.test(one.locale ?? one.lang ?? "en")) ?? display?.[0];
    if (Array.isArray(path) && path.length === 1 && (shown?.label ?? shown?.name)) {
      found.set(path[0], shown.label ?? shown.name);
    }
  }
  return (name) => found.get(name) ?? codeWords(name.toUpperCase());
}

export const PROVENANCE = [
  "origin", "provider", "verifier", "verification_method", "assurance_policy", "assurance_outcome",
  "pedigree", "last_refresh",
];
const METHODS = {
  DOCUMENT_AND_RECORD: "by document and record", PRIMARY_SOURCE_API: "with the source itself",
  PRIMARY_SOURCE_FILE: "with a file of the source", IDSP: "by an identity service provider",
  IN_PERSON: "in person", SELF_ASSERTED: "told by the holder", NOT_VERIFIED: "not verified",
};

// Who says so, how and when, in a line.
export function provenance(claims, issuerName) {
  const how = METHODS[claims.verification_method];
  const looked = Date.parse(claims.checked_at ?? claims.last_refresh ?? "");
  return `${issuerName}${how ? `, ${how}` : ""}${Number.isNaN(looked) ? "" : `, ${day(looked)}`}`;
}

// What sets one credential apart from others of its kind.
export function headline(claims) {
  const joined = (...parts) => parts.filter(Boolean).join(" ");
  const name = joined(claims.legal_given_names, claims.legal_family_name);
  const said = [
    name, claims.body && joined(claims.body, claims.number), claims.subject, claims.job_role,
    claims.title, claims.qualification, claims.competence, claims.level && codeWords(String(claims.level)),
    claims.outcome && codeWords(String(claims.outcome)), claims.site_name,
  ];
  return said.find((one) => typeof one === "string" && one) ?? "";
}

// The state of a credential as its holder should read it: [word, tone, mark].
export function state(status) {
  if (!status) return ["Not checked yet", "plain", "hollow"];
  return {
    valid: ["Valid", "good", "full"], suspended: ["Suspended", "warn", "half"],
    withdrawn: ["Withdrawn", "bad", "cross"],
  }[status.word] ?? ["Not valid", "bad", "cross"];
}
