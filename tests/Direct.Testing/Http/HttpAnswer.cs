using System.Text;

namespace Direct.Testing.Http;

/// <summary>Represents an HTTP response as it came over the wire. Status 0: the connection ended before a whole head came.</summary>
public sealed record HttpAnswer(int Status, string StatusLine, IReadOnlyList<(string Name, string Value)> Headers, byte[] Body)
{
    public static readonly HttpAnswer Nothing = new(0, "", [], []);

    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>Returns the first header of that name, or null.</summary>
    public string? Header(string name) => Headers
        .Where(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        .Select(header => header.Value)
        .FirstOrDefault();

    public override string ToString() => Status == 0 ? "no answer" : $"{StatusLine}: {Text}";
}
