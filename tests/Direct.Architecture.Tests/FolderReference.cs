namespace Direct.Architecture.Tests;

/// <summary>Represents code in one folder that refers to a declaration in another folder of the same project.</summary>
/// <param name="From">The folder of the code, relative to the project; the project's own folder is <c>.</c>.</param>
/// <param name="To">The folder of the declaration.</param>
/// <param name="Location">The file and the line of the code.</param>
/// <param name="Symbol">The declaration that it refers to.</param>
internal sealed record FolderReference(string From, string To, string Location, string Symbol)
{
    public override string ToString() => $"{Location} -> {Symbol}";
}
