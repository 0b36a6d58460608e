namespace Direct.Architecture.Tests;

/// <summary>Represents a place in the code of one folder that refers to something which another folder of the same project declares.</summary>
/// <param name="From">The folder of the code, relative to the project; the project's own folder is <c>.</c>.</param>
/// <param name="To">The folder of the declaration.</param>
/// <param name="Location">The file and the line of the code.</param>
/// <param name="Symbol">What it refers to.</param>
internal sealed record FolderReference(string From, string To, string Location, string Symbol)
{
    public override string ToString() => $"{Location} -> {Symbol}";
}
