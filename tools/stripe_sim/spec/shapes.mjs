// From a declared type to the shape that api.json describes; resources stand by their names.
import { ts } from './declarations.mjs';

const fractional = /percent|exchange_rate|latitude|longitude|^(weight|width|height|length)$/;

/** The literal of a resource's `object` field, or nothing when the type is no resource. */
function object_name(checker, type) {
    const field = type.getProperty?.('object');
    if (!field || !is_top_level(type)) return undefined;
    const literal = checker.getTypeOfSymbol(field);
    return literal.isStringLiteral() && literal.value !== 'list' ? literal.value : undefined;
}

function is_top_level(type) {
    const declaration = type.symbol?.declarations?.[0];
    if (!declaration || !ts.isInterfaceDeclaration(declaration)) return false;
    return ts.isSourceFile(declaration.parent);
}

/** A reader of types that remembers every resource it met, to be described as well. */
export class Shapes {
    resources = new Map();

    constructor(checker) {
        this.checker = checker;
    }

    /** The resources that a type stands for, remembered; deleted ones only when all are. */
    names(type) {
        const all = this.parts(type).map((part) => this.resource(part)).filter(Boolean);
        const live = all.filter((resource) => !resource.deleted);
        this.remember(live);
        const unique = (resources) => [...new Set(resources.map(({ name }) => name))];
        return live.length > 0 ? { names: unique(live) } : { names: unique(all), deleted: true };
    }

    remember(resources) {
        for (const resource of resources) {
            const known = this.resources.get(resource.name);
            if (known && known.type !== resource.type) {
                throw new Error(`two kinds of ${resource.name}`);
            }
            this.resources.set(resource.name, resource);
        }
    }

    /** The fields of a resource or of a parameters type: {name: shape}. */
    fields(type, context) {
        const result = {};
        for (const property of this.checker.getPropertiesOfType(type)) {
            const declared = this.checker.getTypeOfSymbol(property);
            const optional = (property.flags & ts.SymbolFlags.Optional) !== 0;
            const parts = this.parts(declared);
            if (parts.every(is_nothing)) continue;
            const shape = this.shape(declared, { ...context, field: property.name, in_map: false });
            result[property.name] = optional ? shape : { ...shape, req: true };
        }
        return result;
    }

    /** `context` is {params, v2, field, in_map}: of a request or an answer, and in which field. */
    shape(type, context) {
        const parts = this.parts(type).filter((part) => !is_nothing(part));
        const marks = {};
        if (parts.some(is_null)) {
            marks[context.params && !context.v2 ? 'empty' : 'null'] = true;
        }
        let rest = parts.filter((part) => !is_null(part));
        if (context.params && rest.length > 1 && rest.some(is_empty_text)) {
            marks.empty = true;
            rest = rest.filter((part) => !is_empty_text(part));
        }
        return { ...this.alternatives(rest, context), ...marks };
    }

    alternatives(parts, context) {
        const resources = parts.filter((part) => this.resource(part));
        const names = [...new Set(this.live(resources).map((resource) => resource.name))];
        const texts = parts.filter((part) => part.isStringLiteral());
        const others = parts.filter((part) => !resources.includes(part) && !texts.includes(part));
        const open = others.some(is_other_text);
        const plain = others.filter((part) => !is_other_text(part) && !is_boolean(part));
        const shapes = [];
        if (texts.length > 0) {
            const values = texts.map((part) => part.value).sort();
            const marks = open && !context.params ? { open } : {};
            shapes.push({ t: 'enum', enum: values, ...marks });
        }
        if (others.some(is_boolean)) shapes.push({ t: 'bool' });
        const expandable = names.length > 0 && plain.some(is_text);
        for (const part of plain) {
            const shape = this.single(part, context);
            const is_id = expandable && shape.t === 'string';
            shapes.push(is_id ? { t: 'string', id_of: one_or_all(names) } : shape);
        }
        if (!expandable) {
            shapes.push(...names.map((name) => ({ t: 'ref', name })));
            this.remember(this.live(resources));
        }
        // The numbers in metadata are texts on the wire, as is everything in a form.
        if (context.in_map && shapes.some(({ t }) => t === 'string')) return { t: 'string' };
        if (shapes.length === 0) throw new Error(`nothing is left of ${context.field}`);
        return shapes.length === 1 ? shapes[0] : { t: 'union', or: shapes };
    }

    single(type, context) {
        const { checker } = this;
        const name = (type.aliasSymbol ?? type.symbol)?.name;
        if (type.flags & ts.TypeFlags.String) return { t: 'string' };
        if (type.flags & ts.TypeFlags.BigInt) return { t: 'string' };
        if (type.flags & ts.TypeFlags.Number) {
            return { t: fractional.test(context.field) ? 'number' : 'int' };
        }
        if (type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) return { t: 'any' };
        if (name === 'Decimal') return { t: 'decimal' };
        if (checker.isArrayType(type)) {
            return { t: 'array', of: this.shape(checker.getTypeArguments(type)[0], context) };
        }
        if (name === 'ApiList') {
            return { t: 'list', of: this.shape(checker.getTypeArguments(type)[0], context) };
        }
        const element = checker.getIndexTypeOfType(type, ts.IndexKind.String);
        if (element) return { t: 'map', of: this.shape(element, { ...context, in_map: true }) };
        if (!(type.flags & ts.TypeFlags.Object)) {
            throw new Error(`${context.field}: ${checker.typeToString(type)}`);
        }
        if (name === 'Uint8Array' || name === 'FileData') return { t: 'any' };
        return { t: 'object', of: this.fields(type, context), hint: this.qualified_name(type) };
    }

    /** The members of a union, or the type itself. */
    parts(type) {
        return type.isUnion() ? type.types.flatMap((part) => this.parts(part)) : [type];
    }

    live(parts) {
        return parts.map((part) => this.resource(part)).filter((resource) => !resource.deleted);
    }

    /** {name, deleted, type} of a resource; of an event, the type that all events extend. */
    resource(type) {
        const name = object_name(this.checker, type);
        if (!name) return undefined;
        const bases = this.checker.getBaseTypes(type);
        const base = bases.find((candidate) => object_name(this.checker, candidate) === name);
        if (base) return this.resource(base);
        const deleted = type.getProperty('deleted');
        const is_deleted = deleted !== undefined && !(deleted.flags & ts.SymbolFlags.Optional);
        return { name, deleted: is_deleted, type };
    }

    qualified_name(type) {
        return this.checker.getFullyQualifiedName(type.symbol).replace(/^"[^"]*"\./, '');
    }
}

const has = (flags) => (type) => (type.flags & flags) !== 0;
const is_nothing = has(ts.TypeFlags.Undefined | ts.TypeFlags.Void);
const is_null = has(ts.TypeFlags.Null);
const is_text = has(ts.TypeFlags.String);
const is_boolean = has(ts.TypeFlags.Boolean | ts.TypeFlags.BooleanLiteral);

/** OtherString: what makes an enum open. */
function is_other_text(type) {
    return type.isIntersection() && type.types.some(is_text);
}

function is_empty_text(type) {
    return type.isStringLiteral() && type.value === '';
}

export function one_or_all(names) {
    return names.length === 1 ? names[0] : names;
}
