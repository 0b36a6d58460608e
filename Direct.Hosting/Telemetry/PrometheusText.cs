using System.Globalization;
using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Direct.Telemetry;

/// <summary>Writes metrics in the text format of Prometheus, version 0.0.4.</summary>
/// <remarks>
/// https://prometheus.io/docs/instrumenting/exposition_formats/. A family stands together, its HELP and TYPE first, and no series is
/// there twice. Where two instruments come to the same name, the second one is in the family if it is of the same type, and left out
/// where it is not.
/// </remarks>
internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private enum Kind
    {
        Counter,
        Gauge,
        Histogram,
    }

    public static byte[] Write(IEnumerable<Metric> metrics)
    {
        var families = new SortedDictionary<string, Family>(StringComparer.Ordinal);
        foreach (var metric in metrics)
        {
            var kind = KindOf(metric.MetricType);
            var name = PrometheusName.Of(metric.Name, metric.Unit, kind is Kind.Counter);
            if (!families.TryGetValue(name, out var family))
            {
                families.Add(name, family = new Family(kind));
            }

            if (family.Kind == kind)
            {
                family.Metrics.Add(metric);
            }
        }

        var text = new StringBuilder();
        foreach (var (name, family) in families)
        {
            WriteFamily(text, name, family);
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static Kind KindOf(MetricType type) => type switch
    {
        MetricType.LongSum or MetricType.DoubleSum => Kind.Counter,
        MetricType.Histogram or MetricType.ExponentialHistogram => Kind.Histogram,
        _ => Kind.Gauge,
    };

    private static void WriteFamily(StringBuilder text, string name, Family family)
    {
        if (family.Metrics.Select(static metric => metric.Description).FirstOrDefault(static help => !string.IsNullOrWhiteSpace(help)) is { } help)
        {
            text.Append("# HELP ").Append(name).Append(' ');
            AppendEscaped(text, help, escapesQuotes: false);
            text.Append('\n');
        }

        text.Append("# TYPE ").Append(name).Append(' ').Append(family.Kind.ToString().ToLowerInvariant()).Append('\n');
        var written = new HashSet<string>(StringComparer.Ordinal);
        foreach (var metric in family.Metrics)
        {
            foreach (ref readonly var point in metric.GetMetricPoints())
            {
                var labels = Labels(point.Tags, family.Kind);
                if (written.Add(labels))
                {
                    WritePoint(text, name, labels, metric.MetricType, point);
                }
            }
        }
    }

    private static void WritePoint(StringBuilder text, string name, string labels, MetricType type, in MetricPoint point)
    {
        switch (type)
        {
            case MetricType.LongSum or MetricType.LongSumNonMonotonic:
                WriteSample(text, name, labels, Number(point.GetSumLong()));
                break;
            case MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic:
                WriteSample(text, name, labels, Number(point.GetSumDouble()));
                break;
            case MetricType.LongGauge:
                WriteSample(text, name, labels, Number(point.GetGaugeLastValueLong()));
                break;
            case MetricType.DoubleGauge:
                WriteSample(text, name, labels, Number(point.GetGaugeLastValueDouble()));
                break;
            default:
                WriteHistogram(text, name, labels, type, point);
                break;
        }
    }

    private static void WriteHistogram(StringBuilder text, string name, string labels, MetricType type, in MetricPoint point)
    {
        var count = point.GetHistogramCount();
        if (type is MetricType.Histogram) // of an exponential one this format knows no buckets
        {
            var upTo = 0L;
            foreach (var bucket in point.GetHistogramBuckets())
            {
                upTo += bucket.BucketCount;
                if (!double.IsPositiveInfinity(bucket.ExplicitBound))
                {
                    WriteBucket(text, name, labels, Number(bucket.ExplicitBound), upTo);
                }
            }
        }

        WriteBucket(text, name, labels, "+Inf", count);
        WriteSample(text, name + "_sum", labels, Number(point.GetHistogramSum()));
        WriteSample(text, name + "_count", labels, Number(count));
    }

    private static void WriteBucket(StringBuilder text, string name, string labels, string bound, long upTo) =>
        WriteSample(text, name + "_bucket", $"{labels}{(labels.Length > 0 ? "," : "")}le=\"{bound}\"", Number(upTo));

    private static void WriteSample(StringBuilder text, string name, string labels, string value)
    {
        text.Append(name);
        if (labels.Length > 0)
        {
            text.Append('{').Append(labels).Append('}');
        }

        text.Append(' ').Append(value).Append('\n');
    }

    // Tags whose names become the same are one label, as OpenTelemetry wants it: their values with a ';' between.
    private static string Labels(ReadOnlyTagCollection tags, Kind kind)
    {
        if (tags.Count == 0)
        {
            return "";
        }

        var values = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (tag, value) in tags)
        {
            var name = PrometheusName.OfLabel(tag);
            name = kind is Kind.Histogram && name is "le" ? "_le" : name; // that one says which bucket it is
            var text = Convert.ToString(value is bool truth ? (truth ? "true" : "false") : value, CultureInfo.InvariantCulture) ?? "";
            values[name] = values.TryGetValue(name, out var other) ? $"{other};{text}" : text;
        }

        var labels = new StringBuilder();
        foreach (var (name, value) in values)
        {
            labels.Append(labels.Length > 0 ? "," : "").Append(name).Append("=\"");
            AppendEscaped(labels, value, escapesQuotes: true);
            labels.Append('"');
        }

        return labels.ToString();
    }

    private static void AppendEscaped(StringBuilder text, string value, bool escapesQuotes)
    {
        foreach (var character in value)
        {
            _ = character switch
            {
                '\\' => text.Append(@"\\"),
                '\n' => text.Append(@"\n"),
                '"' when escapesQuotes => text.Append("\\\""),
                _ => text.Append(character),
            };
        }
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture), // NaN is NaN there too
    };

    private sealed class Family(Kind kind)
    {
        public Kind Kind { get; } = kind;

        public List<Metric> Metrics { get; } = [];
    }
}
