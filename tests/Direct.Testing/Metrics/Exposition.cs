using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Direct.Testing.Metrics;

/// <summary>
/// Represents a metrics page in the text format 0.0.4. It is parsed strictly: a <see cref="FormatException"/> names the line of every violation,
/// including those that a scraper might accept. The rules are those of https://prometheus.io/docs/instrumenting/exposition_formats/ and of
/// histograms.
/// </summary>
public sealed partial class Exposition
{
    private static readonly string[] Types = ["counter", "gauge", "histogram", "summary", "untyped"];
    private static readonly string[] HistogramSuffixes = ["_bucket", "_sum", "_count"];

    private readonly Dictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly HashSet<string> _series = new(StringComparer.Ordinal);
    private MetricFamily? _current;

    private Exposition()
    {
    }

    /// <summary>Gets the metric families in the order of the page.</summary>
    public IReadOnlyCollection<MetricFamily> Families => _families.Values;

    public static Exposition Parse(ReadOnlySpan<byte> bytes) => Parse(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes));

    public static Exposition Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var page = new Exposition();
        if (text.Length > 0 && !text.EndsWith('\n'))
        {
            throw new FormatException("the last line does not end");
        }

        var lines = text.Split('\n')[..^1];
        for (var i = 0; i < lines.Length; i++)
        {
            try
            {
                page.Take(lines[i]);
            }
            catch (FormatException exception)
            {
                throw new FormatException($"line {i + 1}, '{lines[i]}': {exception.Message}");
            }
        }

        page.EndFamily();
        return page;
    }

    /// <summary>Reads the metrics page of a node, and checks its status and content type.</summary>
    public static async Task<Exposition> ReadAsync(HttpClient http, Uri uri, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(http);
        using var answer = await http.GetAsync(uri, cancellationToken);
        var type = answer.Content.Headers.ContentType?.ToString();
        return answer.IsSuccessStatusCode && type == "text/plain; version=0.0.4; charset=utf-8"
            ? Parse(await answer.Content.ReadAsByteArrayAsync(cancellationToken))
            : throw new FormatException($"{uri} is answered {(int)answer.StatusCode} as {type}");
    }

    public MetricFamily? Find(string family) => _families.GetValueOrDefault(family);

    /// <summary>
    /// Returns the sum of the samples with this name; with a label, given as <c>status="200"</c>, only of those that have it. Returns null when there
    /// is none.
    /// </summary>
    public double? Sum(string name, string? label = null)
    {
        var samples = Families.SelectMany(family => family.Samples)
            .Where(sample => sample.Name == name && (label is null || sample.Labels.Any(pair => $"{pair.Key}=\"{pair.Value}\"" == label))).ToList();
        return samples.Count == 0 ? null : samples.Sum(sample => sample.Value);
    }

    private void Take(string line)
    {
        Expect(line.Length > 0, "an empty line");
        if (line.StartsWith('#'))
        {
            var comment = CommentPattern().Match(line);
            Expect(comment.Success, "neither HELP nor TYPE");
            TakeComment(comment.Groups["name"].Value, comment.Groups["kind"].Value, comment.Groups["text"].Value);
            return;
        }

        var sample = ReadSample(line);
        Expect(_current is { Type: not null }, "a sample before the TYPE of its family");
        Expect(IsOf(_current!, sample.Name), $"not of {_current!.Name}, a {_current.Type}");
        Expect(_series.Add($"{sample.Name} {string.Join(',', sample.Labels.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key}={pair.Value}"))}"), "there already");
        Expect(_current.Type != "counter" || sample.Value >= 0, "a counter below zero");
        _current.Samples.Add(sample);
    }

    private void TakeComment(string name, string kind, string text)
    {
        if (_current?.Name != name)
        {
            EndFamily();
            Expect(!_families.ContainsKey(name), $"{name} was there before: a family must stand together");
            _families.Add(name, _current = new MetricFamily(name));
        }

        Expect(_current!.Samples.Count == 0, $"after the samples of {name}");
        if (kind == "HELP")
        {
            Expect(_current.Help is null, "a second HELP");
            _current.Help = Unescape(text, mayQuote: false);
            return;
        }

        Expect(Types.Contains(text), $"no such type: {text}");
        Expect(_current.Type is null, "a second TYPE");
        Expect(text != "counter" || name.EndsWith("_total", StringComparison.Ordinal), "a counter whose name does not end in _total");
        _current.Type = text;
    }

    private void EndFamily()
    {
        if (_current is null)
        {
            return;
        }

        Expect(_current.Type is not null, $"{_current.Name} has no TYPE");
        if (_current.Type == "histogram")
        {
            var groups = _current.Samples.GroupBy(sample => string.Join(',', sample.Labels.Where(pair => pair.Key != "le").OrderBy(pair => pair.Key)));
            foreach (var series in groups)
            {
                CheckHistogram(_current.Name, [.. series]);
            }
        }

        _current = null;
    }

    private static void CheckHistogram(string name, List<MetricSample> samples)
    {
        var buckets = samples.Where(sample => sample.Name == name + "_bucket").ToList();
        var bounds = buckets.Select(bucket => bucket.Labels.TryGetValue("le", out var bound) ? ReadNumber(bound) : double.NaN).ToList();
        Expect(bounds.Count > 0 && !bounds.Exists(double.IsNaN), $"{name} has a bucket without le, or none");
        Expect(bounds.Order().SequenceEqual(bounds) && bounds.Distinct().Count() == bounds.Count, $"{name} has buckets out of order");
        Expect(double.IsPositiveInfinity(bounds[^1]), $"{name} has no bucket +Inf at the end");
        Expect(buckets.Zip(buckets.Skip(1)).All(pair => pair.First.Value <= pair.Second.Value), $"{name} has buckets that fall");
        Expect(samples.Count(sample => sample.Name == name + "_sum") == 1, $"{name} has no sum");
        var count = samples.Where(sample => sample.Name == name + "_count").ToList();
        Expect(count.Count == 1 && count[0].Value.Equals(buckets[^1].Value), $"{name} has no count, or another than its last bucket");
    }

    private static bool IsOf(MetricFamily family, string name) => family.Type == "histogram"
        ? HistogramSuffixes.Any(suffix => name == family.Name + suffix)
        : name == family.Name;

    private static MetricSample ReadSample(string line)
    {
        var match = SamplePattern().Match(line);
        Expect(match.Success, "not a sample");
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        var (names, values) = (match.Groups["label"].Captures, match.Groups["value"].Captures);
        for (var i = 0; i < names.Count; i++)
        {
            Expect(!names[i].Value.StartsWith("__", StringComparison.Ordinal), $"label {names[i].Value} is reserved");
            Expect(labels.TryAdd(names[i].Value, Unescape(values[i].Value, mayQuote: true)), $"label {names[i].Value} twice");
        }

        return new MetricSample(match.Groups["name"].Value, labels, ReadNumber(match.Groups["number"].Value));
    }

    private static double ReadNumber(string text) => text switch
    {
        "NaN" => double.NaN,
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ when NumberPattern().IsMatch(text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
        _ => throw new FormatException($"'{text}' is no number"),
    };

    private static string Unescape(string text, bool mayQuote)
    {
        var result = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                Expect(text[i] is not '\r', "a carriage return");
                result.Append(text[i]);
                continue;
            }

            Expect(++i < text.Length, "an escape without a character");
            result.Append(text[i] switch
            {
                '\\' => '\\',
                'n' => '\n',
                '"' when mayQuote => '"',
                var other => throw new FormatException($"no such escape: \\{other}"),
            });
        }

        return result.ToString();
    }

    private static void Expect(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new FormatException(otherwise);
        }
    }

    [GeneratedRegex(@"^# (?<kind>HELP|TYPE) (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?<text>.+)$", RegexOptions.Singleline)]
    private static partial Regex CommentPattern();

    [GeneratedRegex(
        """^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?<label>[a-zA-Z_][a-zA-Z0-9_]*)="(?<value>([^"\\]|\\.)*)"(,(?<label>[a-zA-Z_][a-zA-Z0-9_]*)="(?<value>([^"\\]|\\.)*)")*\}|\{\})? (?<number>\S+)$""",
        RegexOptions.Singleline)]
    private static partial Regex SamplePattern();

    [GeneratedRegex(@"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$")]
    private static partial Regex NumberPattern();
}

/// <summary>Represents a metric family: all samples of one name.</summary>
public sealed class MetricFamily(string name)
{
    public string Name { get; } = name;

    public string? Help { get; set; }

    public string? Type { get; set; }

    public IList<MetricSample> Samples { get; } = [];
}

/// <summary>Represents one sample line.</summary>
public sealed record MetricSample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);
