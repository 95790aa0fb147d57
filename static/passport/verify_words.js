// Codes in words, and moments as people say them.

const LONDON = { timeZone: "Europe/London" };
const DAY = new Intl.DateTimeFormat("en-GB", { ...LONDON, day: "numeric", month: "short", year: "numeric" });
const CLOCK = new Intl.DateTimeFormat("en-GB", { ...LONDON, hour: "2-digit", minute: "2-digit" });
const TO_THE_SECOND = new Intl.DateTimeFormat("en-GB", { ...LONDON, hour: "2-digit", minute: "2-digit", second: "2-digit" });

const KINDS = {
  identity: "Identity",
  employment_assignment: "Work",
  professional_registration: "Registration",
  dbs_outcome: "DBS",
  training_award: "Training",
};
const SUBJECTS = {
  EDHR: "Equality, diversity and human rights", HSW: "Health, safety and welfare",
  CR: "NHS conflict resolution", FIRE: "Fire safety", IPC: "Infection prevention and control",
  MH: "Moving and handling", SGA: "Safeguarding adults", SGC: "Safeguarding children",
  PREV: "Preventing radicalisation", RESUS: "Resuscitation", IG: "Information governance",
  RESUS_ADULT: "Resuscitation, adults", RESUS_CHILD: "Resuscitation, children",
  RESUS_NEWBORN: "Resuscitation, newborns", OMMT: "Oliver McGowan",
};

export const kind = (code) => KINDS[code] ?? code.replaceAll("_", " ");

export function says({ kind: of, says: text }) {
  const [subject, level] = text.split(", ");
  return of === "training_award" && SUBJECTS[subject] ? `${SUBJECTS[subject]}, ${level}` : text;
}

export const clock = (at) => CLOCK.format(at);

export const toTheSecond = (at) => TO_THE_SECOND.format(at);

// `22 Nov 2026, today`: an ISO day, with its age.
export function day(iso, now = Date.now()) {
  const days = Math.round((Date.parse(new Intl.DateTimeFormat("sv-SE", LONDON).format(now)) - Date.parse(iso)) / 86_400_000);
  const age = days === 0 ? "today" : days === 1 ? "yesterday" : days > 1 ? `${days} days ago` : `in ${-days} days`;
  return `${DAY.format(Date.parse(iso))}, ${age}`;
}

export function ago(at, now = Date.now()) {
  const minutes = Math.max(0, Math.round((now - at) / 60_000));
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} hours ago` : `${Math.round(hours / 24)} days ago`;
}

// `11 min`, for two clocks.
export function apart(milliseconds) {
  const seconds = Math.round(Math.abs(milliseconds) / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} hours`;
}

// `19:30–08:00 as band 5, registered nurse`.
export const shift = (one) =>
  `${clock(Date.parse(one.starts_at))}–${clock(Date.parse(one.ends_at))} as ${one.work}`;
