using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Direct.Edge.Transport;
using Direct.Edge.Transport.Kestrel;
using Direct.Fuzz.References;

namespace Direct.Fuzz.Targets;

/// <summary>
/// Tests the input of an HTTP connection: <see cref="RequestTargetEncoder"/>, and <see cref="EncodingPipeReader"/>, through which Kestrel reads it.
/// </summary>
internal sealed class RequestLineTarget : IFuzzTarget
{
    public string Name => "requestline";

    public void Run(ReadOnlySpan<byte> input, int maxCuts)
    {
        var output = Encode(input, input.Length);
        var expected = ReferenceRequestLines.Encode(input, out var known);
        Check.That(output.AsSpan().StartsWith(expected), $"encoded {Text(output)}, expected at the start {Text(expected)}");
        CheckRest(input[known..], output.AsSpan(expected.Length));

        Check.EqualBytes(output, Encode(input, 1), "encoded byte by byte");
        foreach (var cut in Cuts.Of(input, maxCuts))
        {
            Check.EqualBytes(output, EncodeInTwo(input, cut), $"encoded in two parts, cut at {cut}");
            Check.EqualBytes(output, ReadPipe(input, cut), $"read from the pipe in two parts, cut at {cut}");
        }
    }

    // After something that Kestrel refuses it does not matter what is encoded, but nothing is lost or added.
    private static void CheckRest(ReadOnlySpan<byte> input, ReadOnlySpan<byte> output)
    {
        var read = 0;
        foreach (var each in input)
        {
            var rest = output[read..];
            var isEscaped = each >= 0x80 && rest.StartsWith(Encoding.ASCII.GetBytes($"%{each:X2}"));
            Check.That(isEscaped || rest.StartsWith([each]), $"byte {each:X2} became {Text(rest)}");
            read += isEscaped ? 3 : 1;
        }

        Check.Equal(output.Length, read, "the length of what is encoded");
    }

    private static byte[] Encode(ReadOnlySpan<byte> input, int partBytes)
    {
        var (encoder, output) = (new RequestTargetEncoder(), new ArrayBufferWriter<byte>());
        for (; !input.IsEmpty; input = input[Math.Min(partBytes, input.Length)..])
        {
            encoder.Write(input[..Math.Min(partBytes, input.Length)], output);
        }

        return output.WrittenSpan.ToArray();
    }

    private static byte[] EncodeInTwo(ReadOnlySpan<byte> input, int cut)
    {
        var (encoder, output) = (new RequestTargetEncoder(), new ArrayBufferWriter<byte>());
        encoder.Write(input[..cut], output);
        encoder.Write(input[cut..], output);
        return output.WrittenSpan.ToArray();
    }

    private static byte[] ReadPipe(ReadOnlySpan<byte> input, int cut)
    {
        var pipe = new Pipe(new PipeOptions(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0));
        var reader = new EncodingPipeReader(pipe.Reader, static () => throw new FuzzException("told of a reset"));
        var output = new List<byte>();
        Send(pipe.Writer, input[..cut]);
        ReadHalf(reader, output);
        Send(pipe.Writer, input[cut..]);
        ReadHalf(reader, output);
        pipe.Writer.Complete();
        ReadToEnd(reader, output);
        reader.Complete();
        return [.. output];
    }

    private static void Send(PipeWriter writer, ReadOnlySpan<byte> bytes)
    {
        writer.Write(bytes);
        Check.That(writer.FlushAsync().AsTask().IsCompletedSuccessfully, $"the pipe is full");
    }

    // Consumes half, but has examined all: the rest comes again, with more.
    private static void ReadHalf(EncodingPipeReader reader, List<byte> output)
    {
        if (reader.TryRead(out var result))
        {
            var half = result.Buffer.Slice(0, result.Buffer.Length / 2);
            output.AddRange(half.ToArray());
            reader.AdvanceTo(half.End, result.Buffer.End);
        }
    }

    private static void ReadToEnd(EncodingPipeReader reader, List<byte> output)
    {
        for (var isOver = false; !isOver;)
        {
            var reading = reader.ReadAsync().AsTask();
            Check.That(reading.IsCompletedSuccessfully, $"nothing to read from a pipe that has ended");
            var result = reading.Result;
            output.AddRange(result.Buffer.ToArray());
            reader.AdvanceTo(result.Buffer.End);
            isOver = result.IsCompleted;
        }
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);
}
