// What a gate token says about its holder, unpacked as passport/rules/tokens/gate_facts.py does
// (docs/gate-token.cddl).

import { BadToken, concat, isBytes, utf8 } from "./bytes.js";
import { DAY } from "./numeric_dates.js";

const EPOCH = Date.UTC(2020, 0, 1);
const TRAINING_LIST = 1;
export const SUBJECTS = [
  "EDHR", "HSW", "CR", "FIRE", "IPC", "MH", "SGA", "SGC", "PREV", "RESUS", "IG",
  "RESUS_ADULT", "RESUS_CHILD", "RESUS_NEWBORN", "OMMT",
];
const BODIES = {
  1: "GCC", 2: "GDC", 3: "GMC", 4: "GOC", 5: "SCW", 8: "HCPC", 9: "NMC", 16: "GPHC", 17: "GOSC",
  18: "SWE", 101: "PSNI", 102: "SSSC", 103: "NISCC",
};
const STATUSES = {
  1: "registered", 2: "registered_with_licence", 3: "registered_no_licence", 4: "provisional",
  5: "conditions", 6: "interim_conditions", 7: "undertakings", 8: "warning", 9: "caution",
  10: "suspended", 11: "interim_suspended", 12: "lapsed", 13: "voluntarily_removed",
  14: "struck_off", 15: "admin_erased", 16: "temporary_emergency", 17: "not_found",
  18: "unknown", 19: "removed",
};
const SOURCES = { 1: "register", 2: "register_file", 3: "by_hand", 4: "hr_file" };
const DBS_LEVELS = { 1: "basic", 2: "standard", 3: "enhanced", 4: "enhanced_barred" };
const WORKFORCES = { 1: "adult", 2: "child", 3: "both" };
const [PHOTO_HASH, MOST_FACE, MOST_TEXT] = [16, 700, 80];
const [NAME, ROLE, EMPLOYER, REGISTRATION, DBS, TRAINING, PHOTO, FACE] = [1, 2, 3, 4, 5, 6, 7, 8];
const ODS = /^[A-Z0-9]{3,8}$/;
const NUMBER = /^[A-Z0-9-]{1,20}$/;
const [EARLIEST, LATEST] = [-25_000, 65_535];
const DAYS = 1 << 14;
const HIDDEN = /[\p{Cc}\p{Cs}\p{Co}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}/u;

// The facts of a token that `ods` issued; days are ISO.
export function unpack(packed, ods) {
  const known = (key) => Number.isSafeInteger(key) && key >= NAME && key <= FACE;
  if (!(packed instanceof Map) || ![...packed.keys()].every(known)) {
    throw bad("something that is not understood");
  }
  const where = (key, read) => (packed.has(key) ? read(packed.get(key)) : null);
  return {
    name: text(packed.get(NAME)),
    role: text(packed.get(ROLE)),
    employer: odsCode(packed.has(EMPLOYER) ? packed.get(EMPLOYER) : ods),
    registration: where(REGISTRATION, registration),
    dbs: where(DBS, dbs),
    training: where(TRAINING, awards) ?? [],
    photoHash: where(PHOTO, photoHash),
    face: where(FACE, webp),
  };
}

// An organisation's code.
export function odsCode(value) {
  if (typeof value !== "string" || !ODS.test(value)) throw bad("no ODS code");
  return value;
}

function registration(value) {
  const [body, number, status, day, source] = listed(value, 5);
  if (typeof number !== "string" || !NUMBER.test(number)) throw bad("no registration number");
  return {
    body: word(body, BODIES), number, status: word(status, STATUSES),
    checkedOn: date(day), source: word(source, SOURCES),
  };
}

function dbs(value) {
  const [level, workforce, day] = listed(value, 3);
  return { level: word(level, DBS_LEVELS), workforce: word(workforce, WORKFORCES), dated: date(day) };
}

function awards(value) {
  const [version, packed] = listed(value, 2);
  if (version !== TRAINING_LIST || !isBytes(packed)) throw bad("another list of training");
  if (packed.length % 2 || packed.length === 0 || packed.length > 2 * SUBJECTS.length) {
    throw bad("not two bytes for each subject");
  }
  const found = [];
  for (let at = 0; at < packed.length / 2; at += 1) {
    const number = packed[2 * at] * 256 + packed[2 * at + 1];
    const [level, day] = [Math.floor(number / DAYS), number % DAYS];
    if (day) found.push({ subject: SUBJECTS[at], level: level + 1, awardedOn: date(day) });
    else if (level) throw bad("a level without a day");
    else if (at === packed.length / 2 - 1) throw bad("a subject not held at the end");
  }
  return found;
}

function photoHash(value) {
  if (!isBytes(value) || value.length !== PHOTO_HASH) throw bad("no photo hash");
  return value;
}

// The simple lossy WebP around a key frame of VP8, for the browser to draw and nothing else.
function webp(picture) {
  if (!isBytes(picture) || picture.length <= 10 || picture.length > MOST_FACE) {
    throw bad("no face, or a large one");
  }
  const start = picture[3] === 0x9d && picture[4] === 0x01 && picture[5] === 0x2a;
  if (picture[0] & 1 || !start) throw bad("no key frame of VP8");
  const padding = new Uint8Array(picture.length % 2);
  const whole = 12 + picture.length + padding.length;
  return concat(
    utf8("RIFF"), little(whole), utf8("WEBPVP8 "), little(picture.length), picture, padding,
  );
}

const little = (value) => Uint8Array.of(value, value >> 8, value >> 16, value >> 24);

// Text that shows what it says: nothing invisible, nothing that turns the line around.
function text(value) {
  const length = typeof value === "string" ? [...value].length : 0;
  if (length === 0 || length > MOST_TEXT || value !== value.trim()) throw bad("no name");
  if (HIDDEN.test(value)) throw bad("a name with hidden characters");
  return value;
}

function listed(value, length) {
  if (!Array.isArray(value) || value.length !== length) throw bad("a list of another length");
  return value;
}

function date(day) {
  if (!Number.isSafeInteger(day) || day < EARLIEST || day > LATEST) throw bad("no day");
  return new Date(EPOCH + day * DAY).toISOString().slice(0, 10);
}

function word(code, words) {
  if (!Number.isSafeInteger(code) || !Object.hasOwn(words, code)) throw bad("a code without a word");
  return words[code];
}

const bad = (why) => new BadToken("bad_facts", why);
