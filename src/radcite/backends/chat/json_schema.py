"""The JSON schema of a reply in the form that constrained decoders accept."""

from collections.abc import Mapping

from pydantic import BaseModel, JsonValue

__all__ = ["strict_schema"]

# What vLLM's, llama.cpp's and the hosted strict mode's grammars all decode. The validation after
# decoding keeps what falls away here: patterns, formats and the lengths of strings.
_DECODABLE = frozenset(
    {
        "type",
        "enum",
        "properties",
        "items",
        "prefixItems",
        "minItems",
        "maxItems",
        "minimum",
        "maximum",
        "anyOf",
        "$ref",
        "$defs",
        "description",
    }
)
_MAPS_OF_SCHEMAS = frozenset({"properties", "$defs"})
_LISTS_OF_SCHEMAS = frozenset({"anyOf", "prefixItems"})


def strict_schema(reply: type[BaseModel]) -> dict[str, JsonValue]:
    """The schema of `reply`: closed objects, every field required, unions as `anyOf`.

    Keys stand in the order of the fields, which is the order of decoding.

    Raises:
        TypeError: A field is a map with free keys or of any type, which no grammar can bound.
    """
    return _strict(reply.model_json_schema())


def _strict(schema: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    if "$ref" in schema and "$defs" not in schema:
        return {"$ref": schema["$ref"]}
    renamed = _plain(schema)
    strict = {key: _inner(key, value) for key, value in renamed.items() if key in _DECODABLE}
    if not strict.keys() & {"type", "enum", "anyOf", "$ref"}:
        raise TypeError("a reply's field must have a type")
    if strict.get("type") == "object":
        properties = strict.get("properties")
        if not isinstance(properties, dict) or not _closed(schema):
            raise TypeError("a reply cannot hold a map with free keys")
        strict["required"] = list(properties)
        strict["additionalProperties"] = False
    return strict


def _plain(schema: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    plain = dict(schema)
    if "oneOf" in plain:
        plain["anyOf"] = plain.pop("oneOf")
    if "const" in plain:
        plain["enum"] = [plain.pop("const")]
    return plain


def _closed(schema: Mapping[str, JsonValue]) -> bool:
    return schema.get("additionalProperties", False) is False


def _inner(key: str, value: JsonValue) -> JsonValue:
    if key in _MAPS_OF_SCHEMAS and isinstance(value, dict):
        return {name: _node(inner) for name, inner in value.items()}
    if key in _LISTS_OF_SCHEMAS and isinstance(value, list):
        return [_node(inner) for inner in value]
    return _node(value) if key == "items" else value


def _node(value: JsonValue) -> JsonValue:
    if not isinstance(value, dict):
        raise TypeError("a reply's field must have a type")
    return _strict(value)
