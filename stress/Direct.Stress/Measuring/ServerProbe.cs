using System.Diagnostics;

namespace Direct.Stress.Measuring;

/// <summary>Reads what the processes of the server have used up to now, together.</summary>
internal sealed class ServerProbe : IDisposable
{
    private readonly List<Process> _processes = [];
    private readonly Dictionary<int, long> _lastTimes = [];

    public bool IsEmpty => _processes.Count == 0;

    /// <summary>Returns the user and system time since their start. For a process that has ended it is the last value that was read.</summary>
    public TimeSpan ProcessorTime => new(Sum(static process => process.TotalProcessorTime.Ticks, _lastTimes));

    /// <summary>Returns the memory that they use now.</summary>
    public long ResidentKilobytes => Sum(static process => process.WorkingSet64 / 1024, null);

    /// <summary>Finds the processes. Returns those that do not exist.</summary>
    public IReadOnlyList<int> Open(IEnumerable<int> processIds)
    {
        List<int> unknown = [];
        foreach (var id in processIds)
        {
            try
            {
                _processes.Add(Process.GetProcessById(id));
            }
            catch (ArgumentException)
            {
                unknown.Add(id);
            }
        }

        return unknown;
    }

    public void Dispose() => _processes.ForEach(static process => process.Dispose());

    private long Sum(Func<Process, long> read, Dictionary<int, long>? last)
    {
        long sum = 0;
        foreach (var process in _processes)
        {
            long value;
            try
            {
                process.Refresh();
                value = read(process);
                last?[process.Id] = value;
            }
            catch (Exception exception) when (exception is InvalidOperationException or System.ComponentModel.Win32Exception)
            {
                value = last?.GetValueOrDefault(process.Id) ?? 0;
            }

            sum += value;
        }

        return sum;
    }
}
