using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Direct.Edge.Topics;

namespace Direct.Fuzz.References;

/// <summary>Reads a JSON array of signals token by token, in one pass and without a document.</summary>
internal sealed class ReferenceBatch
{
    /// <summary>Gets the signals, as far as they are valid.</summary>
    public List<(Target Target, string Message, string? Id)> Signals { get; } = [];

    /// <summary>Gets the status if the array is refused: 400 or 413; otherwise null.</summary>
    public int? Status { get; private set; }

    /// <summary>Gets whether a property has a name that is not valid Unicode. Whether a parser notices that depends on its position.</summary>
    public bool HasBrokenName { get; private set; }

    public static ReferenceBatch Read(ReadOnlySpan<byte> json, int maxSignals, int maxMessageBytes)
    {
        var batch = new ReferenceBatch();
        json = json.StartsWith("\uFEFF"u8) ? json[3..] : json;
        batch.Status = Utf8.IsValid(json) && IsJson(json) ? batch.ReadArray(json, maxSignals, maxMessageBytes) : 400;
        return batch;
    }

    private static bool IsJson(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        try
        {
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private int? ReadArray(ReadOnlySpan<byte> json, int maxSignals, int maxMessageBytes)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        if (reader.TokenType is not JsonTokenType.StartArray)
        {
            return 400;
        }

        int? status = null;
        var count = 0;
        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            count++;
            status ??= reader.TokenType is JsonTokenType.StartObject ? ReadItem(ref reader, maxMessageBytes) : 400;
            reader.Skip();
        }

        return count > maxSignals ? 413 : status;
    }

    // If a property occurs twice, the last counts. Ends at the end of the object.
    private int? ReadItem(ref Utf8JsonReader reader, int maxMessageBytes)
    {
        var values = new Dictionary<string, (JsonTokenType Type, string? Text)>();
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var name = TextOf(reader);
            HasBrokenName |= name is null;
            reader.Read();
            values[name ?? ""] = (reader.TokenType, reader.TokenType is JsonTokenType.String ? TextOf(reader) : null);
            reader.Skip();
        }

        foreach (var name in (string[])["part", "message", "id"])
        {
            if (values.TryGetValue(name, out var value) && value.Text is null)
            {
                return 400; // not a string, or half of a surrogate pair
            }
        }

        var message = values.GetValueOrDefault("message").Text;
        var id = values.GetValueOrDefault("id").Text;
        if (ReferenceParameters.ParseTarget(values.GetValueOrDefault("part").Text) is not { } target || message is null)
        {
            return 400;
        }

        if (Encoding.UTF8.GetByteCount(message) > maxMessageBytes)
        {
            return 413;
        }

        if (id is not null && (id.Length is 0 or > 128 || !id.All(static each => each is > ' ' and < '\u007F')))
        {
            return 400;
        }

        Signals.Add((target, message, id));
        return null;
    }

    private static string? TextOf(in Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
