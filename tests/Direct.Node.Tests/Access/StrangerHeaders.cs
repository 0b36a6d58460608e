namespace Direct.Node.Tests.Access;

/// <summary>Provides headers with which a client pretends to come from an allowed address, <c>10.1.2.3</c>, or through the proxy at <c>127.0.0.1</c>.</summary>
internal static class StrangerHeaders
{
    private static readonly string[] Names =
    [
        "X-Forwarded-For", "x-forwarded-for", "X-FORWARDED-FOR", "X-Forwarded", "Forwarded-For", "X-Forwarded-By", "X-Forwarded-Host",
        "X-Real-IP", "CF-Connecting-IP", "CF-Connecting-IPv6", "CF-Pseudo-IPv4", "True-Client-IP", "X-Client-IP", "Client-IP",
        "X-Cluster-Client-IP", "Fastly-Client-IP", "Fly-Client-IP", "X-Azure-ClientIP", "X-Azure-SocketIP", "X-Appengine-User-IP",
        "X-Original-Forwarded-For", "X-Original-For", "X-Envoy-External-Address", "X-ProxyUser-Ip", "X-Remote-IP", "X-Remote-Addr",
        "Remote-Addr", "REMOTE_ADDR", "X-Originating-IP", "X-Host", "X-Peer", "Via", "From", "WL-Proxy-Client-IP", "Proxy-Client-IP",
    ];

    private static readonly string[] Values =
    [
        "10.1.2.3", "10.1.2.3:4711", "127.0.0.1", "::ffff:10.1.2.3", "10.1.2.3, 127.0.0.1", "127.0.0.1, 10.1.2.3",
        "10.1.2.3,", ",10.1.2.3,,", "localhost", "unknown, 10.1.2.3",
    ];

    private static readonly string[][] Others =
    [
        ["Forwarded: for=10.1.2.3"],
        ["Forwarded: for=\"10.1.2.3:4711\";by=127.0.0.1;proto=https;host=localhost"],
        ["Forwarded: for=10.1.2.3, for=127.0.0.1"],
        ["X-Forwarded-For: 10.1.2.3", "X-Forwarded-For: 10.1.2.3", "X-Forwarded-For: 127.0.0.1"],
        ["X-Forwarded-For:", "X-Forwarded-For: 10.1.2.3"],
        ["X-Forwarded-For: 10.1.2.3", "x-forwarded-for:\t 10.1.2.3 \t,\t 127.0.0.1 \t"],
        ["X-Forwarded-For: \"10.1.2.3\""],
        ["X-Forwarded-For: 10.1.2.3; 127.0.0.1"],
        ["X-Forwarded-For: 167838211"],
        ["X-Forwarded-For: 012.1.2.3"],
        ["X-Forwarded-For: 0x0a010203"],
        ["X-Forwarded-For: [::ffff:10.1.2.3]:80"],
        ["X-Forwarded-For: " + string.Join(", ", Enumerable.Repeat("10.1.2.3", 1_000))],

        // Hop-by-hop headers: a proxy may drop the headers named in Connection before it appends its own, or after.
        ["Connection: X-Forwarded-For, close", "X-Forwarded-For: 10.1.2.3"],
        ["Connection: close, X-Forwarded-For, X-Real-IP", "X-Real-IP: 10.1.2.3"],
        ["X-Forwarded-Proto: https", "X-Forwarded-Port: 443", "X-Forwarded-Host: localhost", "X-Forwarded-For: 10.1.2.3"],
        ["X-Forwarded-For: 10.1.2.3", "X-Real-IP: 10.1.2.3", "CF-Connecting-IP: 10.1.2.3", "Forwarded: for=10.1.2.3"],
    ];

    /// <summary>Gets all sets of header lines; each set is for one request.</summary>
    public static IEnumerable<string[]> All =>
        Names.SelectMany(name => Values.Select(value => new[] { $"{name}: {value}" })).Concat(Others);
}
