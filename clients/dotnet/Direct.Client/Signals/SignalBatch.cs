using System.Buffers;
using System.Net.Http.Headers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Direct.Client;

/// <summary>
/// Represents the signals of one request of a batch, and the receipts that have arrived for them. A try sends only those that have not been accepted or refused for good, each with its
/// id, so that nothing is delivered twice.
/// </summary>
internal sealed class SignalBatch
{
    private static readonly MediaTypeHeaderValue ContentType = new("application/json", "utf-8");
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly List<Item> _items = [];

    /// <summary>Gets the receipts that have arrived, in the order of the signals.</summary>
    public IEnumerable<SignalReceipt> Receipts => _items.Select(item => item.Receipt).OfType<SignalReceipt>();

    public bool IsSettled => _items.TrueForAll(item => !item.Waits);

    /// <summary>Splits signals into batches that a gateway accepts.</summary>
    public static IReadOnlyList<SignalBatch> Split(IEnumerable<DirectSignal> signals, int maxCount, int maxBytes)
    {
        var batches = new List<SignalBatch>();
        var bytes = 0;
        foreach (var signal in signals)
        {
            var item = Encode(signal);
            if (batches.Count == 0 || batches[^1]._items.Count == maxCount || bytes + item.Json.Length + 1 > maxBytes)
            {
                batches.Add(new SignalBatch());
                bytes = 1; // the opening bracket; each item is followed by a comma or the closing bracket
            }

            bytes += item.Json.Length + 1;
            batches[^1]._items.Add(item);
        }

        return batches;
    }

    /// <summary>Returns the body of a try.</summary>
    public HttpContent CreateContent()
    {
        var body = new ArrayBufferWriter<byte>();
        var separator = "["u8;
        foreach (var item in _items.Where(item => item.Waits))
        {
            body.Write(separator);
            body.Write(item.Json);
            separator = ","u8;
        }

        body.Write("]"u8);
        return new ReadOnlyMemoryContent(body.WrittenMemory) { Headers = { ContentType = ContentType } };
    }

    /// <summary>Keeps the receipts of an answer. Throws <see cref="JsonException"/> if the answer is not a receipt for each signal that was sent.</summary>
    public SignalBatch Read(GatewayAnswer answer)
    {
        var receipts = JsonSerializer.Deserialize(answer.Body, DirectJson.Default.AnswerJsonArray);
        var waiting = _items.FindAll(item => item.Waits);
        if (receipts?.Length != waiting.Count)
        {
            throw new JsonException($"The answer has {receipts?.Length ?? 0} receipts; {waiting.Count} signals were sent.");
        }

        foreach (var (item, receipt) in waiting.Zip(receipts))
        {
            item.Receipt = receipt.ToReceipt(answer.Status, item.Id);
        }

        return this;
    }

    private static Item Encode(DirectSignal signal)
    {
        ArgumentNullException.ThrowIfNull(signal);
        var id = SignalText.CheckId(signal.Id);
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json, Compact))
        {
            writer.WriteStartObject();
            writer.WriteString("part"u8, signal.Part.ToString());
            writer.WriteString("message"u8, SignalText.Encode(signal.Message));
            writer.WriteString("id"u8, id);
            writer.WriteEndObject();
        }

        return new Item(id, json.WrittenSpan.ToArray());
    }

    private sealed class Item(string id, byte[] json)
    {
        public string Id => id;

        public byte[] Json => json;

        public SignalReceipt? Receipt { get; set; }

        /// <summary>Gets whether the signal has to be sent, or sent again.</summary>
        public bool Waits => Receipt is null or { Status: >= 500 };
    }
}
