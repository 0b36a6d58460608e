using System.Globalization;
using System.Xml.Linq;
using Direct.Compare.Scenarios;

namespace Direct.Compare.Results;

/// <summary>
/// Draws the ratios to the baselines: a bar for each, from the line at 1, on a logarithmic scale. It writes SVG, with colours that are readable on
/// white and on black.
/// </summary>
internal static class RatioChart
{
    private const int Width = 860;
    private const int Left = 290; // the left edge of the bars
    private const int Right = 90;
    private const int Top = 64;
    private const int RowHeight = 26;
    private const int BarHeight = 14;

    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    private const string Style = """
        text { font: 13px system-ui, sans-serif; fill: #1f2328; }
        .small { font-size: 11px; fill: #59636e; }
        .value { text-anchor: end; } .middle { text-anchor: middle; }
        .title { font-weight: 600; font-size: 15px; }
        .line { stroke: #59636e; } .grid { stroke: #d1d9e0; } .reach { stroke: #1f2328; stroke-width: 2; }
        .good { fill: #1a7f37; } .bad { fill: #bc4c00; } .plain { fill: #6e7781; }
        @media (prefers-color-scheme: dark) {
          text { fill: #f0f6fc; } .small { fill: #9198a1; }
          .line { stroke: #9198a1; } .grid { stroke: #3d444d; } .reach { stroke: #f0f6fc; }
          .good { fill: #3fb950; } .bad { fill: #f0883e; } .plain { fill: #8b949e; }
        }
        """;

    /// <summary>Draws all figures that have a ratio.</summary>
    public static string Draw(IReadOnlyList<FigureResult> figures, string title)
    {
        var bars = figures.Where(result => result.Ratio is > 0).ToArray();
        var scale = Scale.For(bars.SelectMany(bar => new[] { bar.Ratio, bar.Figure.IsRatio ? bar.Figure.Reach : null }).OfType<double>());
        var height = Top + (Math.Max(1, bars.Length) * RowHeight) + 16;
        var picture = new XElement(
            Svg + "svg",
            new XAttribute("viewBox", $"0 0 {Width} {height}"),
            new XAttribute("width", Width),
            new XAttribute("height", height),
            new XAttribute("role", "img"),
            new XElement(Svg + "title", title),
            new XElement(Svg + "style", Style),
            Text(12, 22, title, "title"),
            Text(12, 40, "ratio to the baseline (the line at 1), logarithmic; a tick is the target", "small"),
            scale.Marks.Select(mark => Grid(scale, mark, height)),
            bars.Length == 0 ? Text(12, Top + 18, "nothing was compared", "small") : null,
            bars.Select((bar, row) => Bar(scale, bar, Top + (row * RowHeight))));
        return new XDeclaration("1.0", "utf-8", null) + "\n" + picture + "\n";
    }

    private static IEnumerable<XElement> Bar(Scale scale, FigureResult result, int y)
    {
        var (from, to) = (scale.X(Math.Min(1, result.Ratio!.Value)), scale.X(Math.Max(1, result.Ratio.Value)));
        var better = result.Figure.IsAtLeast ? ", more is better" : "";
        yield return Text(12, y + 16, $"{result.Scenario.Name} {Word(result.Figure.Metric)}, {result.Server}{better}", null);
        yield return Shape(
            "rect", Class(result.Verdict), ("x", from), ("y", y + 5), ("width", Math.Max(1, to - from)), ("height", BarHeight), ("rx", 2));
        if (result.Figure is { IsRatio: true, Reach: { } reach })
        {
            var x = scale.X(reach);
            yield return Shape("line", "reach", ("x1", x), ("x2", x), ("y1", y + 2), ("y2", y + 5 + BarHeight + 3));
        }

        yield return Text(Width - 12, y + 16, Numbers.Text(result.Ratio.Value) + "×", "value");
    }

    private static IEnumerable<XElement> Grid(Scale scale, double mark, int height)
    {
        var x = scale.X(mark);
        yield return Shape("line", mark == 1 ? "line" : "grid", ("x1", x), ("x2", x), ("y1", Top - 4), ("y2", height - 10));
        yield return Text(x, Top - 9, Numbers.Round(mark), "small middle");
    }

    private static XElement Text(double x, double y, string text, string? style) => new(
        Svg + "text", Position("x", x), Position("y", y), style is null ? null : new XAttribute("class", style), text);

    private static XElement Shape(string name, string style, params (string Name, double Value)[] positions) =>
        new(Svg + name, new XAttribute("class", style), positions.Select(position => Position(position.Name, position.Value)));

    private static XAttribute Position(string name, double value) => new(name, value.ToString("0.#", CultureInfo.InvariantCulture));

    private static string Class(Verdict verdict) => verdict switch
    {
        Verdict.Reached or Verdict.Stretched => "good",
        Verdict.Missed => "bad",
        _ => "plain",
    };

    private static string Word(Metric metric) => metric switch
    {
        Metric.DeliveriesPerSecond => "deliveries/s",
        Metric.SignalsPerSecond => "signals/s",
        Metric.LatencyP50 => "p50",
        Metric.LatencyP99 => "p99",
        Metric.MemoryPerConnection => "memory",
        _ => "CPU",
    };

    /// <summary>Returns the position of a ratio between the left and the right edge.</summary>
    private sealed record Scale(double Least, double Most)
    {
        private static readonly double[] AllMarks = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];

        public IEnumerable<double> Marks => AllMarks.Where(mark => mark >= Least && mark <= Most);

        public static Scale For(IEnumerable<double> ratios)
        {
            double[] all = [.. ratios, 1];
            return new Scale(Math.Min(0.5, all.Min() / 1.2), Math.Max(2, all.Max() * 1.2));
        }

        public double X(double ratio) => Left + ((Width - Left - Right) * Math.Log(ratio / Least) / Math.Log(Most / Least));
    }
}
