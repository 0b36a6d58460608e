using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http;

namespace Direct.Fuzz.References;

/// <summary>Represents the head of a request as Kestrel's own parser reads it.</summary>
internal sealed class KestrelHead : IHttpRequestLineHandler, IHttpHeadersHandler
{
    private static readonly HttpParser<KestrelHead> Parser = new(showErrorDetails: false);

    private KestrelHead()
    {
    }

    public string Method { get; private set; } = "";

    public string Target { get; private set; } = "";

    public string Version { get; private set; } = "";

    /// <summary>Gets the headers in their order. A character is a byte.</summary>
    public List<(string Name, string Value)> Headers { get; } = [];

    /// <summary>Gets the number of bytes of the request line, including its end.</summary>
    public int LineLength { get; private set; }

    /// <summary>Gets the number of bytes of the head, including the empty line; 0 while it is not complete.</summary>
    public int Length { get; private set; }

    public string[] Values(string name) =>
        [.. Headers.Where(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value)];

    /// <summary>
    /// Reads the head at the start of <paramref name="input"/>, which has a complete request line. Returns null if Kestrel refuses it.
    /// </summary>
    public static KestrelHead? TryRead(ReadOnlySpan<byte> input)
    {
        var head = new KestrelHead();
        var reader = new SequenceReader<byte>(new ReadOnlySequence<byte>(input.ToArray()));
        try
        {
            if (!Parser.ParseRequestLine(head, ref reader))
            {
                return null;
            }

            head.LineLength = (int)reader.Consumed;
            head.Length = Parser.ParseHeaders(head, ref reader) ? (int)reader.Consumed : 0;
            return head;
        }
        catch (BadHttpRequestException)
        {
            return null;
        }
    }

    public void OnStartLine(HttpVersionAndMethod versionAndMethod, TargetOffsetPathLength targetPath, Span<byte> startLine)
    {
        // The target is the text between the method and the version.
        var line = Encoding.Latin1.GetString(startLine).TrimEnd('\r', '\n');
        (Method, Version) = (line[..versionAndMethod.MethodEnd], versionAndMethod.Version.ToString());
        Target = line[targetPath.Offset..].Split(' ')[0];
    }

    public void OnHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => Headers.Add((Encoding.Latin1.GetString(name), Encoding.Latin1.GetString(value)));

    public void OnHeadersComplete(bool endStream)
    {
    }

    public void OnStaticIndexedHeader(int index) => throw new NotSupportedException();

    public void OnStaticIndexedHeader(int index, ReadOnlySpan<byte> value) => throw new NotSupportedException();
}
