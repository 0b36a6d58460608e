using System.Text.RegularExpressions;
using Direct.Testing;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.Serialization;

namespace Direct.Deploy.Tests.Compose;

/// <summary>Represents deploy/compose.yaml with its anchors and merges resolved, as <c>docker compose</c> reads it.</summary>
internal sealed partial class ComposeFile
{
    public const string Path = "deploy/compose.yaml";

    private readonly Dictionary<object, object> _root;

    private ComposeFile(Dictionary<object, object> root) => _root = root;

    public IReadOnlyDictionary<string, Dictionary<object, object>> Services =>
        Map(_root, "services").ToDictionary(service => (string)service.Key, service => (Dictionary<object, object>)service.Value);

    public Dictionary<object, object> Networks => Map(_root, "networks");

    /// <summary>Gets the variables without a default, which a user must set.</summary>
    public static IReadOnlySet<string> Required => Variable().Matches(Documents.Read(Path)).Where(match => match.Groups["rule"].Value == ":?").Select(match => match.Groups["name"].Value).ToHashSet();

    public static IReadOnlySet<string> Variables => Variable().Matches(Documents.Read(Path)).Select(match => match.Groups["name"].Value).ToHashSet();

    /// <summary>Parses the file before merges; a duplicate key throws.</summary>
    public static void ReadStrictly() => new DeserializerBuilder().WithDuplicateKeyChecking().Build().Deserialize<Dictionary<object, object>>(Documents.Read(Path));

    /// <summary>Returns the environment of a service, with these values and those of <c>.env.example</c> filled in.</summary>
    public Dictionary<string, string> Environment(string service, IReadOnlyDictionary<string, string> values)
    {
        var known = Example();
        foreach (var (name, value) in values)
        {
            known[name] = value;
        }

        return Map(Services[service], "environment").ToDictionary(
            variable => (string)variable.Key,
            variable => Placeholder().Replace((string)variable.Value, match => known.GetValueOrDefault(match.Groups["name"].Value, match.Groups["default"].Value)));
    }

    public static Dictionary<string, string> Example() =>
        Documents.Read("deploy/.env.example").Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);

    public static ComposeFile Read()
    {
        var parser = new MergingParser(new Parser(new StringReader(Documents.Read(Path))));
        parser.Consume<StreamStart>();
        return new ComposeFile(new DeserializerBuilder().Build().Deserialize<Dictionary<object, object>>(parser));
    }

    public static Dictionary<object, object> Map(Dictionary<object, object> parent, string key) =>
        parent.GetValueOrDefault(key) as Dictionary<object, object> ?? [];

    public static IReadOnlyList<string> List(Dictionary<object, object> parent, string key) =>
        parent.GetValueOrDefault(key) is List<object> list ? [.. list.Select(item => $"{item}")] : [];

    /// <summary>Converts a time such as <c>70s</c> to seconds.</summary>
    public static int Seconds(object time) => int.Parse($"{time}".TrimEnd('s'), System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\$\{(?<name>\w+)(:\?[^}]*|:-(?<default>[^}]*))\}")]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"(?<!\$)\$\{(?<name>\w+)(?<rule>:[-?])?")]
    private static partial Regex Variable();
}
