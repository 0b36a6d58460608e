using System.Buffers;
using Direct.Edge.Protocol;
using Direct.Keeping;

namespace Direct.Edge.Topics;

/// <summary>
/// Holds the connections of one user. They are few, and a signal to a user may be limited to a group or channel, so there is no log: a signal goes
/// directly into the queues of the matching connections, under the lock that keeps its order and its count correct.
/// </summary>
internal sealed class UserTopic(long userId, TopicLogSettings settings)
{
    private readonly Lock _gate = new();
    private readonly List<IRecipient> _connections = new(1);
    private bool _isRetired;

    public long UserId { get; } = userId;

    /// <summary>Sends a message to every connection that matches. Returns their number.</summary>
    /// <param name="target">Limits the message to a room.</param>
    /// <param name="payload">The text of the message.</param>
    /// <param name="stamp">The place of the message in the topic.</param>
    /// <param name="audience">The connections that it is for.</param>
    public int Publish(Target target, ReadOnlySpan<byte> payload, Stamp stamp = default, Audience audience = Audience.Both)
    {
        if (settings.Gate.IsFenced)
        {
            return 0;
        }

        byte[]? original = null, direct2 = null;
        int originalBytes = 0, direct2Bytes = 0;
        var taken = 0;
        lock (_gate)
        {
            // Iterates backwards, because a connection that overflows removes itself.
            for (var i = _connections.Count - 1; i >= 0; i--)
            {
                var connection = _connections[i];
                if (!connection.IsReceiving || !connection.Matches(target) || !Includes(audience, connection))
                {
                    continue;
                }

                // Each dialect is encoded for the first connection that needs it.
                var frame = connection.SpeaksDirect2
                    ? (direct2 ??= EncodeWithHeader(payload, stamp, out direct2Bytes)).AsSpan(0, direct2Bytes)
                    : (original ??= Encode(default, payload, out originalBytes)).AsSpan(0, originalBytes);
                taken += connection.Send(frame) is EnqueueResult.Queued ? 1 : 0;
            }
        }

        Return(original);
        Return(direct2);
        settings.Metrics.Delivered(taken);
        return taken;
    }

    /// <summary>Sends a text to the connections that speak <c>direct.2</c>. Returns their number.</summary>
    public int Tell(ReadOnlySpan<byte> text)
    {
        var frame = Encode(default, text, out var frameBytes);
        var told = 0;
        lock (_gate)
        {
            // Iterates backwards, because a connection that overflows removes itself.
            for (var i = _connections.Count - 1; i >= 0; i--)
            {
                if (_connections[i] is { IsReceiving: true, SpeaksDirect2: true } connection)
                {
                    told += connection.Send(frame.AsSpan(0, frameBytes)) is EnqueueResult.Queued ? 1 : 0;
                }
            }
        }

        Return(frame);
        return told;
    }

    /// <summary>Returns the connections that match now.</summary>
    public IRecipient[] Matching(Target target)
    {
        lock (_gate)
        {
            return [.. _connections.Where(connection => connection.Matches(target))];
        }
    }

    /// <summary>Adds a connection. Returns false if this topic has been retired; the caller then takes a new one.</summary>
    public bool TryJoin(IRecipient connection)
    {
        lock (_gate)
        {
            if (_isRetired)
            {
                return false;
            }

            _connections.Add(connection);
            return true;
        }
    }

    /// <returns>Whether that was the last connection and the topic is now retired.</returns>
    public bool Leave(IRecipient connection)
    {
        lock (_gate)
        {
            _connections.Remove(connection);
            return _isRetired = _connections.Count == 0;
        }
    }

    private static bool Includes(Audience audience, IRecipient connection) => audience switch
    {
        Audience.Original => !connection.SpeaksDirect2,
        Audience.Direct2 => connection.SpeaksDirect2,
        _ => true,
    };

    private static byte[] Encode(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, out int frameBytes)
    {
        var frame = ArrayPool<byte>.Shared.Rent(FrameWriter.FrameBytes(header.Length + payload.Length));
        frameBytes = FrameWriter.Write(frame, Opcode.Text, header, payload);
        return frame;
    }

    private static void Return(byte[]? frame)
    {
        if (frame is not null)
        {
            ArrayPool<byte>.Shared.Return(frame);
        }
    }

    private byte[] EncodeWithHeader(ReadOnlySpan<byte> payload, Stamp stamp, out int frameBytes)
    {
        Span<byte> header = stackalloc byte[MessageHeader.MaxBytes];
        return Encode(header[..MessageHeader.Write(header, Topic.User(UserId), stamp)], payload, out frameBytes);
    }
}
