using System.Globalization;
using Direct.Compare.Loading;

namespace Direct.Compare.Tests.Loading;

/// <summary>Implements a load tool with a shell command.</summary>
internal static class FakeLoader
{
    public static Loader Of(string script) => new(["/bin/sh", "-c", script, "loader"], null);

    /// <summary>Gets a load tool that prints a report, in which memory is 50,000 KB and 2 KB for each of <c>--connections</c>.</summary>
    public static Loader Good { get; } = Of(
        "rss=50000; for a in \"$@\"; do case $a in --connections=*) rss=$((50000 + 2 * ${a#*=})) ;; esac; done\n"
        + $"cat <<END\n{Json("$rss")}\nEND\n");

    public static string Json(int rssKbConnected) => Json(rssKbConnected.ToString(CultureInfo.InvariantCulture));

    private static string Json(string rssKbConnected) => """
        {"scenario":"room","seconds":6,"connections":{"requested":10,"succeeded":7,"failed":3,"successPercent":70},
         "connectMs":{"average":1,"min":1,"max":1,"p95":1},"sent":10,"received":12,"lost":1,"duplicated":2,"reordered":3,
         "messagesPerSecond":500.25,"deliveriesPerSecond":1000.5,"latencyMs":{"p50":1,"p90":2,"p99":3.25,"p999":4,"max":5},"errors":[{"error":"refused","count":3}],
         "loader":{"cpuSeconds":0.1,"cpuPercent":40.5,"processes":2},
         "server":{"cpuSeconds":0.1,"cpuPercent":10,"cpuUsPerDelivery":5.5,"cpuUsPerConnection":100,"cpuUsPerSignal":15,
           "rssKbBefore":1,"rssKbConnected":RSS,"rssKbEnd":2048},"thresholds":[]}
        """.Replace("RSS", rssKbConnected, StringComparison.Ordinal);
}
