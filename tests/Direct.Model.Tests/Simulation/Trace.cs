using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

namespace Direct.Model.Tests.Simulation;

/// <summary>Records what happens in a run. Nothing is written unless it is wanted, because most runs find nothing.</summary>
internal sealed class Trace
{
    private readonly SeededScheduler _scheduler;
    private readonly StringBuilder _text = new();

    public Trace(SeededScheduler scheduler, bool isWanted)
    {
        (_scheduler, IsWanted) = (scheduler, isWanted);
        CallName.Want(isWanted);
    }

    public bool IsWanted { get; }

    /// <summary>Gets a hash of everything recorded. Two runs of one seed have the same.</summary>
    public string Hash => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(_text.ToString())))[..16];

    public void Add([InterpolatedStringHandlerArgument("")] Line line)
    {
        if (IsWanted)
        {
            _text.Append(CultureInfo.InvariantCulture, $"{_scheduler.Now / (double)TimeSpan.TicksPerMillisecond:0.0} ms  ").Append(line.Text).Append('\n');
        }
    }

    public override string ToString() => _text.ToString();

    /// <summary>Builds a line only if the trace is wanted.</summary>
    [InterpolatedStringHandler]
    internal readonly ref struct Line
    {
        private readonly StringBuilder? _text;

        public Line(int literalLength, int formattedCount, Trace trace, out bool isWanted)
        {
            isWanted = trace.IsWanted;
            _text = isWanted ? new StringBuilder(literalLength + (formattedCount * 8)) : null;
        }

        public string Text => _text!.ToString();

        public void AppendLiteral(string text) => _text!.Append(text);

        public void AppendFormatted<T>(T value) => _text!.Append(CultureInfo.InvariantCulture, $"{value}");
    }
}
