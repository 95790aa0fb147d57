// What the wallet keeps on the phone, in IndexedDB. Nothing here leaves it by itself.
//
//   keep         the phone's key and small notes, by name
//   issuers      by issuer: its addresses, and the token that fetches fresh copies
//   credentials  by an own random id: what an issuer says of the holder, in one or more copies
//   gates        by issuer: the signed statement that the phone shows as a code
//   types        by vct: what the claims of a type are called
//   log          what was collected and shown, when, and to whom

const NAME = "staff-passport";
const STORES = {
  keep: null,
  issuers: { keyPath: "issuer" },
  credentials: { keyPath: "id" },
  gates: { keyPath: "issuer" },
  types: { keyPath: "vct" },
  log: { keyPath: "id", autoIncrement: true },
};
const LONGEST_LOG = 1000;

let opened;

function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      for (const [name, options] of Object.entries(STORES)) {
        request.result.createObjectStore(name, options ?? undefined);
      }
    };
    request.onsuccess = () => {
      request.result.onversionchange = () => {
        request.result.close();
        opened = undefined;
      };
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
  return opened;
}

async function within(stores, mode, deed) {
  const transaction = (await database()).transaction(stores, mode, { durability: "strict" });
  const request = deed(transaction);
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

export const get = (store, key) => within(store, "readonly", (t) => t.objectStore(store).get(key));

export const all = (store) => within(store, "readonly", (t) => t.objectStore(store).getAll());

export const put = (store, value, key) =>
  within(store, "readwrite", (t) => t.objectStore(store).put(value, key));

export const remove = (store, key) =>
  within(store, "readwrite", (t) => t.objectStore(store).delete(key));

// Keep it unless something is kept there, in one step: of two who set up at once the first stays.
const putFirst = (store, value, key) =>
  within(store, "readwrite", (t) => {
    const found = t.objectStore(store).get(key);
    found.onsuccess = () => found.result ?? t.objectStore(store).put(value, key);
  });

// Change one entry as it is at that moment; `change` gets it and returns what to keep of it.
export function alter(store, key, change) {
  return within(store, "readwrite", (t) => {
    const entries = t.objectStore(store);
    const found = entries.get(key);
    found.onsuccess = () => {
      if (found.result) entries.put(change(found.result));
    };
  });
}

// `what` is collected, refreshed, shown, presented, removed or refused; `to` and `about` in words.
export async function note(what, fields = {}) {
  const id = await put("log", { what, at: Date.now(), ...fields });
  if (id > LONGEST_LOG) {
    await within("log", "readwrite", (t) => t.objectStore("log").delete(IDBKeyRange.upperBound(id - LONGEST_LOG)));
  }
  return id;
}

// Everything gone, the key with it.
export async function wipe() {
  (await database()).close();
  opened = undefined;
  await new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(NAME);
    request.onsuccess = resolve;
    request.onerror = () => reject(request.error);
  });
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" };

// A key whose private half the browser gives out to nobody, this page included.
export const newKey = () => crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);

// The phone's own key, which codes are shown with; null before the wallet is set up.
export const phoneKey = async () => (await get("keep", "phone key")) ?? null;

export async function setUp() {
  const stays = await navigator.storage?.persist?.().catch(() => false);
  await put("keep", Boolean(stays), "stays");
  await putFirst("keep", await newKey(), "phone key");
}
