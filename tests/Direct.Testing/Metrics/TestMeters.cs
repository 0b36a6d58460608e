using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Direct.Testing.Metrics;

/// <summary>Represents a meter factory that listens only to its own meters, so that concurrent tests do not affect the values.</summary>
public sealed class TestMeters : IMeterFactory
{
    private readonly List<Meter> _meters = [];
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<Measurement> _measurements = new();

    public TestMeters()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == this)
            {
                Instruments.Enqueue(instrument);
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Keep(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Keep(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Keep(instrument, value, tags));
        _listener.Start();
    }

    public ConcurrentQueue<Instrument> Instruments { get; } = new();

    public IReadOnlyCollection<Measurement> Measurements => _measurements;

    /// <summary>Returns the sum of an instrument; with tags, given as <c>reason=slow_consumer</c>, only of the measurements that have them.</summary>
    public double Sum(string instrument, string? tags = null) =>
        _measurements.Where(each => each.Instrument == instrument && (tags is null || each.Tags == tags)).Sum(each => each.Value);

    /// <summary>Returns the current value of a gauge; with tags, of the series that has them.</summary>
    public double Read(string instrument, string? tags = null)
    {
        _listener.RecordObservableInstruments();
        return _measurements.Last(each => each.Instrument == instrument && (tags is null || each.Tags == tags)).Value;
    }

    /// <summary>Drops the measurements, and the memory that they take.</summary>
    public void Forget() => _measurements.Clear();

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
        _meters.ForEach(meter => meter.Dispose());
    }

    private void Keep(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var texts = new List<string>();
        foreach (var tag in tags)
        {
            texts.Add($"{tag.Key}={tag.Value}");
        }

        _measurements.Enqueue(new Measurement(instrument.Name, value, string.Join(',', texts)));
    }

    public readonly record struct Measurement(string Instrument, double Value, string Tags);
}
