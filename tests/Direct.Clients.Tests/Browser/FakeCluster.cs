using System.Globalization;

namespace Direct.Clients.Tests.Browser;

/// <summary>Creates responses of <c>/!direct-cluster</c>.</summary>
internal static class FakeCluster
{
    /// <summary>Returns a cluster of these gateways without problems.</summary>
    public static string Of(params string[] gateways) => Of(gateways, []);

    /// <summary>Returns a cluster of these gateways, in which the missing ones do not respond.</summary>
    public static string Of(string[] gateways, string[] missing, long deliveries = 1000) => $$"""
        {"answeredBy":"{{gateways[0]}}",
         "gateways":[{{string.Join(',', gateways.Select(name => Gateway(name, deliveries)))}}],
         "silos":[{"name":"silo-1","version":"0.1.0","status":"Active"}],
         "topics":[{"target":"7,1,0","connections":12},{"target":"-9000000000000000001,0,0","connections":3}],
         "complete":{{(missing.Length == 0 ? "true" : "false")}},"missing":[{{string.Join(',', missing.Select(name => $"\"{name}\""))}}]}
        """;

    private static string Gateway(string name, long deliveries) => string.Create(CultureInfo.InvariantCulture, $$"""
        {"name":"{{name}}","version":"0.1.0","state":"serving","leaseSeconds":7.2,"connections":12,"deliveries":{{deliveries}},"signals":5,"queuedBytes":2048,
         "upSeconds":{{deliveries}},"canaries":[{"silo":"silo-1","latencyMs":0.8,"agoSeconds":1.2,"ok":true}]}
        """);
}
