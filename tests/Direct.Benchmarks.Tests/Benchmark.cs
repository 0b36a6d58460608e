using System.Reflection;
using BenchmarkDotNet.Running;

namespace Direct.Benchmarks.Tests;

/// <summary>Represents one benchmark with one set of parameters, as BenchmarkDotNet finds it.</summary>
internal sealed class Benchmark(BenchmarkCase found)
{
    private const int Rounds = 10;
    private const int CallsARound = 200;

    /// <summary>Gets all benchmarks by their names in budgets.json.</summary>
    public static IReadOnlyDictionary<string, Benchmark> All { get; } = typeof(FanOut).Assembly.GetExportedTypes()
        .SelectMany(type => BenchmarkConverter.TypeToBenchmarks(type).BenchmarksCases)
        .Select(found => new Benchmark(found))
        .ToDictionary(benchmark => benchmark.Name);

    /// <summary>Gets the name, for example <c>FanOut.Signal(Members: 100)</c>.</summary>
    public string Name { get; } = $"{found.Descriptor.Type.Name}.{found.Descriptor.WorkloadMethod.Name}" + Parameters(found);

    public bool IsDiagnosed => found.Descriptor.Type.GetCustomAttribute<BenchmarkDotNet.Attributes.MemoryDiagnoserAttribute>() is not null;

    /// <summary>Returns the bytes that one operation allocates on all threads, after a warm-up.</summary>
    public long AllocatedBytes()
    {
        var descriptor = found.Descriptor;
        var instance = Activator.CreateInstance(descriptor.Type)!;
        foreach (var parameter in found.Parameters.Items)
        {
            descriptor.Type.GetProperty(parameter.Name)!.SetValue(instance, parameter.Value);
        }

        descriptor.GlobalSetupMethod?.Invoke(instance, null);
        try
        {
            var call = Callable(descriptor.WorkloadMethod, instance);
            return Least(call) / (CallsARound * descriptor.OperationsPerInvoke);
        }
        finally
        {
            descriptor.GlobalCleanupMethod?.Invoke(instance, null);
        }
    }

    public override string ToString() => Name;

    // Returns the lowest allocation of several rounds, because other threads can only add to it.
    private static long Least(Action call)
    {
        var least = long.MaxValue;
        for (var round = 0; round <= Rounds; round++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            for (var i = 0; i < CallsARound; i++)
            {
                call();
            }

            var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
            least = round == 0 ? least : Math.Min(least, allocated); // the first round includes one-time allocations
        }

        return least;
    }

    private static Action Callable(MethodInfo method, object instance)
    {
        if (method.ReturnType == typeof(void))
        {
            return method.CreateDelegate<Action>(instance);
        }

        if (method.ReturnType == typeof(int))
        {
            var function = method.CreateDelegate<Func<int>>(instance);
            return () => function();
        }

        if (method.ReturnType == typeof(long))
        {
            var function = method.CreateDelegate<Func<long>>(instance);
            return () => function();
        }

        throw new NotSupportedException(
            $"{method.DeclaringType!.Name}.{method.Name} returns {method.ReturnType.Name}; a benchmark returns nothing, an int or a long.");
    }

    private static string Parameters(BenchmarkCase found)
    {
        var items = found.Parameters.Items.Select(item => FormattableString.Invariant($"{item.Name}: {item.Value}"));
        return found.Parameters.Count == 0 ? "" : $"({string.Join(", ", items)})";
    }
}
