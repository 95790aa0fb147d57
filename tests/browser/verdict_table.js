// Asks the browser's engine every case of tests/cases/verdicts.json, and answers as the table does;
// with `first`, up to the first case that it answers otherwise.

async ({ at, table, first }) => {
  const module = (name) => import(`${at}/${name}.js`);
  const [{ gateVerdict }, { readTrust }, { readList, statusAt }, { fromJwk }, bytes] =
    await Promise.all(["verdict", "trust_list", "status_list", "es256", "bytes"].map(module));

  const fromHex = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
  const mapped = (object, make) => new Map(Object.entries(object).map(([name, one]) => [name, make(one)]));

  async function gate(one) {
    const signed = one.trust && table.trusts[one.trust];
    const known = {
      trust: signed && (await readTrust(signed.token, { root: fromJwk(signed.jwk), now: one.now })),
      policy: table.policies[one.policy],
      now: one.now,
      lists: mapped(one.lists, (name) => table.lists[name]),
      newest: mapped(one.newest, (at) => at),
    };
    const found = await gateVerdict(one.text, known, {
      audience: one.audience ?? undefined,
      challenge: one.challenge,
      seen: one.seen.map(([digest, second]) => ({ digest: fromHex(digest), second })),
    });
    return {
      outcome: found.outcome,
      findings: found.findings,
      facts: found.facts,
      name: found.name,
      face: found.face && bytes.hex(found.face),
      checked: found.checked,
      not_checked: found.notChecked,
    };
  }

  async function refusal(read) {
    try {
      return { said: Math.min(await read(), 1e9) };
    } catch (problem) {
      return { refused: problem.code ?? String(problem) };
    }
  }

  const ask = {
    gate,
    status_list: ({ text, uri, jwk, now, at_least, idx }) => refusal(async () => {
      const list = await readList(text, { uri, keys: [fromJwk(jwk)], now, atLeast: at_least });
      return Math.min(statusAt(list, idx), 3);
    }),
    trust_list: ({ text, jwk, now, at_least }) => refusal(async () =>
      (await readTrust(text, { root: fromJwk(jwk), now, atLeast: at_least })).version),
  };

  const answers = [];
  for (const one of table.cases) {
    const found = await ask[one.kind](one).catch((problem) => ({ threw: String(problem) }));
    answers.push(found);
    if (first && JSON.stringify(found) !== JSON.stringify(one.expect)) break;
  }
  return answers;
}
