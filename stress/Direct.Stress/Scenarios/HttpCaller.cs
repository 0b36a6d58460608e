using System.Globalization;
using System.Text;
using Direct.Stress.Links;
using Direct.Stress.Measuring;
using Direct.Stress.Protocol;

namespace Direct.Stress.Scenarios;

/// <summary>Represents a backend: one HTTP connection that is kept open, with one call in flight.</summary>
internal sealed class HttpCaller : ILinkOwner
{
    private readonly SignalScenario _scenario;
    private readonly Func<ILinkOwner, Link> _connect;
    private readonly byte[] _request;
    private readonly int _stampAt;
    private Link? _link;
    private bool _isConnected;

    /// <param name="number">The caller's number in the whole run, from 0.</param>
    public HttpCaller(int number, string part, Target target, SignalScenario scenario, Func<ILinkOwner, Link> connect)
    {
        var options = scenario.Options;
        Number = number;
        _scenario = scenario;
        _connect = connect;
        var head = string.Create(CultureInfo.InvariantCulture, $"GET {target.PathAndQuery}?part={part}&message=");
        var key = options.SignalKey is { } text ? $"Authorization: Bearer {text}\r\n" : "";
        _request = Encoding.ASCII.GetBytes(
            $"{head}{new string('x', options.PayloadBytes)} HTTP/1.1\r\nHost: {target.Authority}\r\n{key}\r\n");
        _stampAt = head.Length;
    }

    public int Number { get; }

    /// <summary>Gets the room of the run whose members receive its signals.</summary>
    public int Room { get; init; }

    public uint Sequence { get; private set; }

    /// <summary>Gets the numbers of the signals that were not accepted; null in the original dialect, which does not need them.</summary>
    public NumberRanges? Unaccepted { get; init; }

    /// <summary>Gets the time of the call in flight, in ticks; null if there is none.</summary>
    public long? CalledAt { get; private set; }

    /// <summary>Gets the time at which that call was due, which is the time in its message.</summary>
    public long DueAt { get; private set; }

    public bool IsFree => _isConnected && CalledAt is null;

    public void Connect()
    {
        if (_link is null)
        {
            _link = _connect(this);
        }
    }

    public void Call(uint run, long epoch, long due, long now)
    {
        CalledAt = now;
        DueAt = due;
        Unaccepted?.Add(Sequence + 1, Sequence + 1);
        new MessageStamp(run, Number, ++Sequence, due - epoch).Write(_request.AsSpan(_stampAt));
        _link!.Send(_request);
    }

    public void Close()
    {
        _link?.Close();
        _isConnected = false;
    }

    public void OnConnected()
    {
        _isConnected = true;
        _scenario.OnFree(this);
    }

    public int OnReceived(ReadOnlySpan<byte> bytes, long now)
    {
        var used = HttpAnswer.Read(bytes, out var status);
        if (used < 0 || (used > 0 && CalledAt is null))
        {
            _link!.Close();
            OnEnded("an answer that is no HTTP");
            return bytes.Length;
        }

        if (used > 0)
        {
            var took = now - CalledAt!.Value;
            CalledAt = null;
            _scenario.OnAnswer(this, status, took, now);
        }

        return used;
    }

    public void OnEnded(string? error)
    {
        var wasCalling = CalledAt is not null;
        _link = null;
        _isConnected = false;
        CalledAt = null;
        _scenario.OnEnded(error, wasCalling);
    }
}
