using System.Text;

namespace Direct.Testing.Http;

/// <summary>Represents an HTTP response as received. Status 0 means that the connection ended before a whole head was received.</summary>
public sealed record HttpAnswer(int Status, string StatusLine, IReadOnlyList<(string Name, string Value)> Headers, byte[] Body)
{
    public static readonly HttpAnswer Nothing = new(0, "", [], []);

    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>Returns the value of the first header with this name, or null.</summary>
    public string? Header(string name) => Headers
        .Where(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        .Select(header => header.Value)
        .FirstOrDefault();

    public override string ToString() => Status == 0 ? "no answer" : $"{StatusLine}: {Text}";
}
