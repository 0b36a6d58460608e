using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Direct.Model.Tests;

/// <summary>Runs the worlds of many seeds in one thread, and counts what they have covered.</summary>
internal sealed class ModelRun(ModelOptions options)
{
    private const int MostErrors = 20;

    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly List<(int Seed, string Error)> _errors = [];
    private readonly Stopwatch _watch = new();
    private int _seeds;

    /// <summary>Gets the first seeds with an error.</summary>
    public IReadOnlyList<(int Seed, string Error)> Errors => _errors;

    /// <summary>Gets the number of seeds with an error.</summary>
    public int Failed { get; private set; }

    /// <summary>Returns how often something was counted.</summary>
    public long this[string name] => _counts.GetValueOrDefault(name);

    /// <summary>Runs a world again with a trace.</summary>
    public static (string? Error, string Trace, string Hash) RunTraced(int seed, ModelOptions options)
    {
        using var world = new ModelWorld(seed, options with { IsTraced = true });
        world.Run();
        return (world.Error, world.Cluster.Trace.ToString(), world.Cluster.Trace.Hash);
    }

    /// <summary>Runs seeds until one has an error if <paramref name="untilError"/>, or all.</summary>
    public void Run(int first, int count, bool untilError = false)
    {
        _watch.Start();
        for (var seed = first; seed < first + count && !(untilError && Failed > 0); seed++)
        {
            using var world = new ModelWorld(seed, options);
            world.Run();
            Count(world);
            if (world.Error is { } error)
            {
                Failed++;
                if (_errors.Count < MostErrors)
                {
                    _errors.Add((seed, error));
                }
            }
        }

        _watch.Stop();
    }

    /// <summary>Returns what was covered, as text.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{_seeds} seeds, {_seeds / _watch.Elapsed.TotalSeconds:0} a second, {Failed} with errors\n");
        foreach (var (name, count) in _counts)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {name}: {count}\n");
        }

        foreach (var (seed, error) in _errors)
        {
            text.Append(CultureInfo.InvariantCulture, $"  seed {seed}: {error}\n");
        }

        return text.ToString();
    }

    private void Count(ModelWorld world)
    {
        _seeds++;
        foreach (var (name, count) in world.Cluster.Meters.Counts)
        {
            Add(name, count);
        }

        foreach (var (name, count) in world.FailureCounts)
        {
            Add($"failures: {name}", count);
        }

        Add("calls that failed or were late", world.Cluster.Network.Faulty);
        Add("gaps that clients received", world.Gaps);
        Add("messages sent", world.Messages.Count);
        Add("messages received", world.Received);
        Add("steps", world.Scheduler.Steps);
    }

    private void Add(string name, long count) => _counts[name] = _counts.GetValueOrDefault(name) + count;
}
