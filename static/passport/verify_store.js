// What a checking device keeps, in IndexedDB: the lists, what it has just seen, who checks, and the
// checks that are still to be sent. Never what a passport said.
//
//   keep    the lists, the newest version of each that was ever seen, who checks, by name
//   queue   checks and decisions that the server has not yet taken, by their own id
//   seen    what was shown here in the last two minutes

const NAME = "passport-checks";
const STORES = { keep: null, queue: { keyPath: "id" }, seen: { keyPath: "key" } };

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
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
  return opened;
}

async function within(store, mode, deed) {
  const transaction = (await database()).transaction(store, mode);
  const request = deed(transaction.objectStore(store));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

export const get = (store, key) => within(store, "readonly", (entries) => entries.get(key));

export const all = (store) => within(store, "readonly", (entries) => entries.getAll());

export const put = (store, value, key) =>
  within(store, "readwrite", (entries) => entries.put(value, key));

export const remove = (store, key) => within(store, "readwrite", (entries) => entries.delete(key));

// Remove an entry if it is still so, in one step: nothing can be put between the look and the deed.
export const removeIf = (store, key, still) =>
  within(store, "readwrite", (entries) => {
    const reading = entries.get(key);
    reading.onsuccess = () => reading.result && still(reading.result) && entries.delete(key);
  });
