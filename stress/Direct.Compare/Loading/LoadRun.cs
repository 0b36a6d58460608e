namespace Direct.Compare.Loading;

/// <summary>Represents one run of the load tool.</summary>
/// <param name="Report">The report.</param>
/// <param name="Json">The report as the tool wrote it.</param>
/// <param name="OtherCores">The processor time, in cores, that was used neither by the server nor by the load tool.</param>
internal sealed record LoadRun(LoadReport Report, string Json, double OtherCores);
