using System.Collections;
using System.Runtime.CompilerServices;

namespace Direct.Grains.Topics;

/// <summary>Represents an entry of a log without its text. Between processes it is a part of <see cref="KeptHeaders"/>.</summary>
/// <param name="Offset">Its offset, from 1; 0 if the header is not that of a message, but says up to which sequence its publisher was acknowledged.</param>
/// <param name="Origin">What identifies the message; with the offset 0 the publisher and that sequence.</param>
/// <param name="IdAge">The seconds for which its id has been remembered: with another age the id would not be forgotten when gateways forget it. 0 without an id.</param>
public readonly record struct KeptHeader(long Offset, MessageOrigin Origin, int IdAge = 0)
{
    /// <summary>Specifies the bytes that a header is taken to have in an answer. One with an id takes about 21, one without takes 5.</summary>
    public const int Bytes = 24;
}

/// <summary>
/// Represents headers in ascending order. A topic may have 100,000 of them, and a recovery waits for them, so they are bytes between processes and not an object each.
/// </summary>
/// <remarks>
/// Each header is: the difference of its offset to that of the header before; a number that is twice that of its publisher, and one more if it has an id; if it has
/// a publisher, the difference of its sequence to the last one of this publisher; if it has an id, its hash in 16 bytes and its age. Publishers are numbered from 1 in the order in which they
/// first occur, where 16 bytes follow the number; 0 means that there is none. Numbers are written as <see cref="BinaryWriter.Write7BitEncodedInt64"/> does.
/// </remarks>
/// <param name="Packed">The bytes.</param>
[GenerateSerializer, Immutable, Alias("direct.kept-headers")]
[CollectionBuilder(typeof(KeptHeaders), nameof(Create))]
public sealed record KeptHeaders([property: Id(0)] byte[] Packed) : IReadOnlyList<KeptHeader>
{
    private const int GuidBytes = 16;

    [NonSerialized]
    private KeptHeader[]? _headers;

    /// <inheritdoc />
    /// <exception cref="FormatException">The bytes are malformed.</exception>
    public int Count => Headers.Length;

    private KeptHeader[] Headers => _headers ??= Unpack() ?? throw new FormatException("the bytes are not headers of a log");

    /// <inheritdoc />
    /// <exception cref="FormatException">The bytes are malformed.</exception>
    public KeptHeader this[int index] => Headers[index];

    /// <summary>Packs headers.</summary>
    public static KeptHeaders Create(ReadOnlySpan<KeptHeader> headers) => new(Pack(headers));

    /// <summary>Returns whether the bytes are headers. They need not be in ascending order.</summary>
    public bool AreValid() => _headers is not null || (_headers = Unpack()) is not null;

    /// <inheritdoc />
    /// <exception cref="FormatException">The bytes are malformed.</exception>
    public IEnumerator<KeptHeader> GetEnumerator() => Headers.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static byte[] Pack(ReadOnlySpan<KeptHeader> headers)
    {
        using var stream = new MemoryStream(headers.Length * KeptHeader.Bytes);
        using var writer = new BinaryWriter(stream);
        var publishers = new Dictionary<Guid, (int Number, long Sequence)>();
        var offset = 0L;
        foreach (var (at, origin, idAge) in headers)
        {
            writer.Write7BitEncodedInt64(at - offset);
            offset = at;
            var hasId = origin.IdHash != Guid.Empty ? 1 : 0;
            if (origin.Publisher == Guid.Empty)
            {
                writer.Write7BitEncodedInt(hasId);
            }
            else
            {
                var isKnown = publishers.TryGetValue(origin.Publisher, out var publisher);
                var number = isKnown ? publisher.Number : publishers.Count + 1;
                writer.Write7BitEncodedInt((2 * number) + hasId);
                if (!isKnown)
                {
                    Write(writer, origin.Publisher);
                }

                writer.Write7BitEncodedInt64(origin.Sequence - publisher.Sequence);
                publishers[origin.Publisher] = (number, origin.Sequence);
            }

            if (hasId > 0)
            {
                Write(writer, origin.IdHash);
                writer.Write7BitEncodedInt(idAge);
            }
        }

        return stream.ToArray();
    }

    private static void Write(BinaryWriter writer, Guid guid)
    {
        Span<byte> bytes = stackalloc byte[GuidBytes];
        guid.TryWriteBytes(bytes);
        writer.Write(bytes);
    }

    private static Guid ReadGuid(BinaryReader reader)
    {
        Span<byte> bytes = stackalloc byte[GuidBytes];
        reader.BaseStream.ReadExactly(bytes);
        return new Guid(bytes);
    }

    private KeptHeader[]? Unpack()
    {
        if (Packed is null)
        {
            return null;
        }

        using var stream = new MemoryStream(Packed, writable: false);
        using var reader = new BinaryReader(stream);
        var headers = new List<KeptHeader>(Packed.Length / KeptHeader.Bytes);
        var publishers = new List<(Guid Id, long Sequence)>();
        var offset = 0L;
        try
        {
            while (stream.Position < stream.Length)
            {
                offset += reader.Read7BitEncodedInt64();
                var number = reader.Read7BitEncodedInt();
                var (publisher, hasId) = ((number >> 1) - 1, (number & 1) == 1);
                if (publisher < -1 || publisher > publishers.Count)
                {
                    return null;
                }

                if (publisher == publishers.Count)
                {
                    publishers.Add((ReadGuid(reader), 0));
                }

                var (id, sequence) = publisher < 0 ? default : publishers[publisher];
                if (publisher >= 0)
                {
                    sequence += reader.Read7BitEncodedInt64();
                    publishers[publisher] = (id, sequence);
                }

                var idHash = hasId ? ReadGuid(reader) : Guid.Empty;
                headers.Add(new KeptHeader(offset, new MessageOrigin(id, sequence, idHash), hasId ? reader.Read7BitEncodedInt() : 0));
            }
        }
        catch (Exception exception) when (exception is EndOfStreamException or FormatException)
        {
            return null;
        }

        return [.. headers];
    }
}
