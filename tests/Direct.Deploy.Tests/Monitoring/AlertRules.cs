using Direct.Testing;
using YamlDotNet.Serialization;

namespace Direct.Deploy.Tests.Monitoring;

/// <summary>Provides the rules of alerts.yaml. They are parsed strictly: an unknown key throws.</summary>
internal static class AlertRules
{
    public static IReadOnlyList<RuleGroup> Groups { get; } = new DeserializerBuilder().Build().Deserialize<RuleFile>(Documents.Read("deploy/monitoring/alerts.yaml")).Groups;

    public static IReadOnlyList<Rule> All { get; } = [.. Groups.SelectMany(group => group.Rules)];
}

internal sealed class RuleFile
{
    [YamlMember(Alias = "groups")]
    public List<RuleGroup> Groups { get; set; } = [];
}

internal sealed class RuleGroup
{
    [YamlMember(Alias = "name")]
    public string Name { get; set; } = "";

    [YamlMember(Alias = "rules")]
    public List<Rule> Rules { get; set; } = [];
}

internal sealed class Rule
{
    [YamlMember(Alias = "alert")]
    public string Alert { get; set; } = "";

    [YamlMember(Alias = "expr")]
    public string Expression { get; set; } = "";

    [YamlMember(Alias = "for")]
    public string? For { get; set; }

    [YamlMember(Alias = "labels")]
    public Dictionary<string, string> Labels { get; set; } = [];

    [YamlMember(Alias = "annotations")]
    public Dictionary<string, string> Annotations { get; set; } = [];
}
