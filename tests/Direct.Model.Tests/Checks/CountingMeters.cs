using System.Diagnostics.Metrics;

namespace Direct.Model.Tests.Checks;

/// <summary>Creates meters, and counts what tells how much a run has covered.</summary>
internal sealed class CountingMeters : IMeterFactory
{
    private static readonly string[] Wanted = ["direct.gateway.resumes", "direct.gateway.gaps", "direct.silo.recoveries", "direct.silo.batches.superseded"];

    private readonly List<Meter> _meters = [];
    private readonly MeterListener _listener = new();

    public CountingMeters()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == this && Wanted.Contains(instrument.Name))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>Gets the counts, by name and tag.</summary>
    public SortedDictionary<string, long> Counts { get; } = new(StringComparer.Ordinal);

    public Meter Create(MeterOptions options)
    {
        options.Scope = this;
        var meter = new Meter(options);
        _meters.Add(meter);
        return meter;
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meters.ForEach(static meter => meter.Dispose());
    }

    private void Add(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var name = instrument.Name["direct.".Length..];
        foreach (var tag in tags)
        {
            name += $" {tag.Value}";
        }

        Counts[name] = Counts.GetValueOrDefault(name) + value;
    }
}
