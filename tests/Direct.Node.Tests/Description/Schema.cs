using System.Text.Json;
using System.Text.RegularExpressions;

namespace Direct.Node.Tests.Description;

/// <summary>Implements the part of JSON Schema that Direct's description uses. An unknown keyword is an error.</summary>
internal sealed class Schema(JsonElement document)
{
    /// <summary>Returns the errors of a value, each with its location; none when the value matches the schema.</summary>
    public IEnumerable<string> Errors(JsonElement schema, JsonElement value, string place = "$") =>
        schema.EnumerateObject().SelectMany(rule => Check(rule.Name, rule.Value, schema, value, place));

    /// <summary>Returns the target of a reference; any other element is returned unchanged.</summary>
    public JsonElement Resolve(JsonElement element) => element.TryGetProperty("$ref", out var reference)
        ? reference.GetString()!.TrimStart('#', '/').Split('/').Aggregate(document, static (at, name) => at.GetProperty(name))
        : element;

    private IEnumerable<string> Check(string name, JsonElement rule, JsonElement schema, JsonElement value, string place) => name switch
    {
        "$ref" => Errors(Resolve(schema), value, place),
        "anyOf" => rule.EnumerateArray().Any(each => !Errors(each, value, place).Any()) ? [] : [$"{place} is none of those: {value}"],
        "type" => Types(rule).Any(type => Is(type, value)) ? [] : [$"{place} is {value.ValueKind}, not {rule}"],
        "required" => rule.EnumerateArray().Where(each => !Has(value, each.GetString()!)).Select(each => $"{place} lacks {each}"),
        "properties" => rule.EnumerateObject().Where(each => Has(value, each.Name))
            .SelectMany(each => Errors(each.Value, value.GetProperty(each.Name), $"{place}.{each.Name}")),
        "additionalProperties" => value.EnumerateObject().Where(each => !schema.GetProperty("properties").TryGetProperty(each.Name, out _))
            .Select(each => $"{place} has {each.Name} too"),
        "items" => value.EnumerateArray().SelectMany((item, i) => Errors(rule, item, $"{place}[{i}]")),
        "minimum" => value.GetInt64() >= rule.GetInt64() ? [] : [$"{place} is under {rule}: {value}"],
        "maximum" => value.GetInt64() <= rule.GetInt64() ? [] : [$"{place} is over {rule}: {value}"],
        "pattern" => Regex.IsMatch(value.GetString()!, rule.GetString()!) ? [] : [$"{place} is not like {rule}: {value}"],
        "description" or "format" => [],
        _ => [$"{place}: the rule '{name}' is not known"],
    };

    private static IEnumerable<string> Types(JsonElement rule) =>
        rule.ValueKind is JsonValueKind.Array ? rule.EnumerateArray().Select(type => type.GetString()!) : [rule.GetString()!];

    private static bool Has(JsonElement value, string name) => value.ValueKind is JsonValueKind.Object && value.TryGetProperty(name, out _);

    private static bool Is(string type, JsonElement value) => (type, value.ValueKind) switch
    {
        ("object", JsonValueKind.Object) or ("array", JsonValueKind.Array) or ("string", JsonValueKind.String) or ("null", JsonValueKind.Null) => true,
        ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
        ("integer", JsonValueKind.Number) => value.TryGetInt64(out _),
        ("number", JsonValueKind.Number) => true,
        _ => false,
    };
}
