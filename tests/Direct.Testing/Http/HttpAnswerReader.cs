using System.Globalization;
using System.Text;

namespace Direct.Testing.Http;

/// <summary>Reads one HTTP/1.1 response: the head, then a body by length, by chunks, or to the end of the stream.</summary>
public static class HttpAnswerReader
{
    /// <summary>Returns the head alone, and leaves the rest in <paramref name="reader"/>. Returns null when the stream ends first.</summary>
    public static async ValueTask<HttpAnswer?> ReadHeadAsync(BufferedReader reader, CancellationToken cancellationToken)
    {
        int length;
        while ((length = reader.Buffered.IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (!await reader.FillAsync(cancellationToken))
            {
                return null;
            }
        }

        var lines = Encoding.Latin1.GetString(reader.Buffered[..length]).Split("\r\n");
        reader.Consume(length + 4);
        var status = lines[0].Split(' ', 3);
        if (status.Length < 2 || !status[0].StartsWith("HTTP/1.", StringComparison.Ordinal))
        {
            throw new InvalidDataException($"no HTTP response: {lines[0]}");
        }

        var headers = lines.Skip(1).Select(line => line.Split(':', 2)).Select(parts => (parts[0], parts[1].Trim())).ToArray();
        return new HttpAnswer(int.Parse(status[1], CultureInfo.InvariantCulture), lines[0], headers, []);
    }

    public static async ValueTask<HttpAnswer> ReadAsync(BufferedReader reader, bool hasBody, CancellationToken cancellationToken)
    {
        var head = await ReadHeadAsync(reader, cancellationToken);
        while (head is { Status: >= 100 and < 200 and not 101 })
        {
            head = await ReadHeadAsync(reader, cancellationToken);
        }

        if (head is null)
        {
            return HttpAnswer.Nothing;
        }

        if (!hasBody || head.Status is 101 or 204 or 304)
        {
            return head;
        }

        return await WithBodyAsync(reader, head, cancellationToken);
    }

    /// <summary>Returns the response whose head was read, with its body.</summary>
    public static async ValueTask<HttpAnswer> WithBodyAsync(BufferedReader reader, HttpAnswer head, CancellationToken cancellationToken) =>
        head with { Body = await ReadBodyAsync(reader, head, cancellationToken) };

    private static async ValueTask<byte[]> ReadBodyAsync(BufferedReader reader, HttpAnswer head, CancellationToken cancellationToken)
    {
        if (head.Header("Transfer-Encoding") == "chunked")
        {
            return await ReadChunksAsync(reader, cancellationToken);
        }

        return head.Header("Content-Length") is { } length
            ? await TakeAsync(reader, int.Parse(length, CultureInfo.InvariantCulture), cancellationToken)
            : await TakeAllAsync(reader, cancellationToken);
    }

    private static async ValueTask<byte[]> ReadChunksAsync(BufferedReader reader, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        while (true)
        {
            int lineLength;
            while ((lineLength = reader.Buffered.IndexOf("\r\n"u8)) < 0)
            {
                await FillOrThrowAsync(reader, cancellationToken);
            }

            var size = int.Parse(Encoding.ASCII.GetString(reader.Buffered[..lineLength]), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            reader.Consume(lineLength + 2);
            var chunk = await TakeAsync(reader, size + 2, cancellationToken);
            body.Write(chunk, 0, size);
            if (size == 0)
            {
                return body.ToArray();
            }
        }
    }

    private static async ValueTask<byte[]> TakeAsync(BufferedReader reader, int count, CancellationToken cancellationToken)
    {
        while (reader.Buffered.Length < count)
        {
            await FillOrThrowAsync(reader, cancellationToken);
        }

        var bytes = reader.Buffered[..count].ToArray();
        reader.Consume(count);
        return bytes;
    }

    private static async ValueTask<byte[]> TakeAllAsync(BufferedReader reader, CancellationToken cancellationToken)
    {
        while (await reader.FillAsync(cancellationToken))
        {
        }

        return await TakeAsync(reader, reader.Buffered.Length, cancellationToken);
    }

    private static async ValueTask FillOrThrowAsync(BufferedReader reader, CancellationToken cancellationToken)
    {
        if (!await reader.FillAsync(cancellationToken))
        {
            throw new EndOfStreamException("the response ended inside its body");
        }
    }
}
