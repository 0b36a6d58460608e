using System.Buffers.Text;
using System.Diagnostics;
using System.Text;
using Direct.Stress.Protocol;

namespace Direct.Stress.Scenarios;

/// <summary>
/// Implements the steps of the original's tool: connection N joins <c>(N%10)+1,(N%5)+1</c>, and every tenth sends hello as soon as it is open. The
/// messages have no number, so that losses cannot be counted; messages of this process have a latency.
/// </summary>
internal sealed class ChatScenario(RunContext run) : Scenario(run)
{
    private const int SendersAreEvery = 10;

    private readonly Dictionary<int, long> _sentAt = [];

    private static ReadOnlySpan<byte> Greeting => "hello from #"u8;

    public override bool ConfirmsJoin => false;

    public override bool CountsFromTheStart => true;

    public override int RoomOf(int number) => 0;

    public override (long Group, long Channel) GroupAndChannelOf(int number) => ((number % 10) + 1, (number % 5) + 1);

    public override void OnJoined(StressConnection connection)
    {
        if (connection.Number % SendersAreEvery == 0)
        {
            var now = Stopwatch.GetTimestamp();
            _sentAt[connection.Number] = now;
            connection.Send(Opcode.Text, Encoding.ASCII.GetBytes($":hello from #{connection.Number}"));
            CountSent(0, now);
        }
    }

    public override void OnMessage(StressConnection connection, ReadOnlySpan<byte> text, long now)
    {
        if (text.StartsWith(Greeting) && Utf8Parser.TryParse(text[Greeting.Length..], out int sender, out var digits)
            && digits == text.Length - Greeting.Length)
        {
            Run.Tally.CountUnnumbered(now, _sentAt.TryGetValue(sender, out var sentAt) ? sentAt : null);
        }
        else
        {
            Run.Tally.CountUnnumbered(now, null);
        }
    }
}
