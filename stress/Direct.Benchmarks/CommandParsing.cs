using BenchmarkDotNet.Attributes;
using Direct.Edge.Protocol;

namespace Direct.Benchmarks;

/// <summary>Measures the parsing of a message.</summary>
[MemoryDiagnoser]
public class CommandParsing
{
    private readonly byte[] _join = "123456789,-987654321"u8.ToArray();
    private readonly byte[] _broadcast = ":hello, everyone"u8.ToArray();

    [Benchmark]
    public long Join()
    {
        var command = Command.Parse(_join);
        return command.Group + command.Channel;
    }

    [Benchmark]
    public int Broadcast() => Command.Parse(_broadcast).Text.Length;
}
